"""What a provider brings to the contract suite: itself on a stage, with a fake vendor that speaks the real protocol.

`stage_<provider>.py` defines `stage()`, an asynchronous context manager that gives a fresh Stage, and `stages.py` lists
it. The suite begins a step-up, calls one method below, and then takes what comes with `complete` (where the method
returned an answer) or with `collect`, again and again, where it returned None; between two calls of `collect` it moves
`now` on by `collect_every` and waits for nothing.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

from identity.proof import Challenge, Factor, StepUp
from identity.provider import Provider

TIME_LIMIT = 4.0
"""Seconds that a provider waits for its vendor, on a busy machine. Where the fake is silent they pass at once."""


class Stage(Protocol):
    """One provider, the person it knows, another person, and the vendor behind it.

    A stage without a vendor (TOTP) has `has_vendor = False`; its three vendor methods are never called.
    """

    has_vendor: bool
    factor: Factor
    """The right person's, as it was kept when it was linked."""
    now: int
    """The stage's clock, milliseconds; tests move it."""

    @property
    def provider(self) -> Provider:
        """The one under test; an attribute will do."""

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        """A new step-up for an intent, five minutes long, that began at `now`; `changes` replace members."""

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        """Do what the person does, at the vendor or with their own app. Returns the answer for `complete`, or None
        where `collect` will tell. With `other_person`, somebody else does it, with what is their own."""

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        """A genuine answer of the right person that was given for another intent; None where `collect` will tell.

        Called after `begin` of this very step-up. Where nothing but the hub's record ties an answer to an intent
        (TOTP), it is an answer that was used for another one already: the proof must then name the same `once`."""

    async def person_cancels(self, challenge: Challenge) -> Any:
        """The person says no. Returns the answer for `complete`, or None where `collect` will tell."""

    def malformed_answers(self) -> list[Any]:
        """JSON values that no browser of this provider sends: none of them may raise anything but NotProven.

        The suite adds those that no provider accepts (null, numbers, lists, deep and huge ones)."""

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        """Within: connections are refused."""

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        """Within: the vendor accepts the connection and says nothing. The provider was made with a short time limit."""

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        """Within: the vendor answers 200 with bytes that are none of its protocol."""


@runtime_checkable
class Secretive(Protocol):
    """A stage may also have this method: then the suite looks for what it names in every log, error and `shown`."""

    def secrets(self) -> list[str]:
        """Codes, keys, tokens and names of persons that were in play up to now, as texts of six characters or more."""
