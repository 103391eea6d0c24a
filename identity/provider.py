"""The contract of a step-up provider, and what an implementer owes.

A provider is an object with the five members below, made once from its settings. It keeps nothing between two calls:
what it must remember is in the `state` that it returns, which the caller keeps sealed.

- **Time.** Every call ends within `TIME_LIMIT` seconds, whatever the other side does: a silent vendor is ProviderDown.
- **No blocking.** A call holds the event loop for no more than a moment: what waits is awaited, and a library that
  waits by itself runs in `asyncio.to_thread`. The caller can give up a call that awaits; while one blocks, the whole
  hub stands still, and nothing can stop it. `Moving.show` and `Foretelling.subject_of` only compute.
- **Idempotence.** `begin` may be called again for the same step-up: the earlier challenge is void then. `collect` and
  `cancel` may be called again at any time, also after the end, from any process.
- **Cancellation.** A call whose task is cancelled leaves nothing running. `cancel` tells the vendor, and never raises
  for a challenge that has ended already.
- **Binding.** A Proof is for the step-up it was begun for, and says how it is tied to it. What comes back about another
  intent is OtherIntent, about another person WrongPerson, also when everything else is in order.
- **Silence.** No code, secret, personal number, token, signature or message text is logged, put into an error's text,
  or shown in `Challenge.shown`. Whatever comes from outside is of bounded size and checked before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from identity.proof import Challenge, Factor, Pending, Proof, State, StepUp

TIME_LIMIT = 10.0
"""Seconds that one call may take."""


class Provider(Protocol):
    """One way to prove who a person is. All methods raise the errors of `identity.errors` and nothing else."""

    @property
    def name(self) -> str:
        """One lower-case word, as in settings, policies and a token's `methods`."""

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start. Raises ProviderDown, Misconfigured, or Refused where the person cannot be asked this way."""

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """How it stands, for challenges with `collect_every`; without, always Pending. Raises any NotProven."""

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take the person's answer: a JSON value as their browser sent it. Raises any NotProven.

        `now` is the hub's time, milliseconds since 1970 UTC.
        """

    async def cancel(self, state: State) -> None:
        """End it at the vendor too. Raises nothing."""


def signs_in(provider: object) -> bool:
    """Whether a provider can say who somebody is who is not known yet.

    It says so by `signs_in = True`: it takes `Purpose.SIGN_IN` with an empty factor, and its proof has a `subject` that
    is one person's for ever.
    """
    return getattr(provider, "signs_in", False) is True


def proofs_expire(provider: object) -> bool:
    """Whether what a provider names in `Proof.once` can be forgotten in time.

    It says so by `proofs_expire = True`: an hour later nothing proves the same name again, whatever state and answer
    are brought to whichever step-up. A list of codes, each good until it is used, may not say so.
    """
    return getattr(provider, "proofs_expire", False) is True


@runtime_checkable
class Moving(Protocol):
    """A provider whose picture changes between two calls of `collect`, like BankID's animated QR code."""

    def show(self, step_up: StepUp, state: State, *, now: int) -> Mapping[str, Any]:
        """What the browser may see at this moment; pure, without a network. Raises nothing."""


@runtime_checkable
class Foretelling(Protocol):
    """A provider whose name for a person others know, like a personal number: an admin can say whose eID it must be."""

    def subject_of(self, written: str, *, now: int) -> str:
        """`Proof.subject` of this person, from their number as people write it; `now` in milliseconds since 1970 UTC.

        Raises Malformed, whose text says what is wrong and repeats nothing of it.
        """
