"""One-time codes that are sent to an address: what e-mail and SMS have in common.

The state holds no code: only HMAC-SHA-256 over the step-up's id, the intent's hash, the address, which code of this
challenge it is, and the code, under a key that the state's reader has not. So a code proves nothing for another intent,
another address, or after a newer one was sent. How often a challenge may be begun anew is the caller's to limit.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from identity.attempt import begun, digits_in, require_open, same, wishes, wrong_try
from identity.errors import ProviderDown, Refused, TimedOut
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp

SENDING_LIMIT = 8.0
"""Seconds that a sender may take: below the limit of a whole call."""
KEY_BYTES = 32
"""The fewest bytes of the key that codes are hashed under: six digits are guessed at once by whoever has it."""
DOMAIN = b"identity.one-time-code.v1"

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Sent:
    """The message was taken."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The message was not taken."""

    retry_after: float = 5.0
    """Seconds until trying again may help."""
    permanent: bool = False
    """Trying again does not help: the address takes no messages."""


Send = Callable[[str, M], Awaitable[Sent | NotSent]]
"""Send a message to an address, now; never queued, as a late code is worth nothing. Should raise nothing."""


class CodeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set for every kind of code."""

    digits: Annotated[int, msgspec.Meta(ge=6, le=8)] = 8
    """How many digits a code has."""
    valid_seconds: Annotated[int, msgspec.Meta(ge=30, le=300)] = 300
    """How long a code lives, at most five minutes."""
    resends: Annotated[int, msgspec.Meta(ge=0, le=5)] = 3
    """How many further codes the person may ask for within one challenge."""
    resend_after_seconds: Annotated[int, msgspec.Meta(ge=10, le=300)] = 30
    """How long they wait between two."""


class OneTimeCode(ABC, Generic[M]):
    """A provider that sends a code. `Factor.data` is `{"address": …, "confirmed_at": ms}`.

    For `LINK` it is the address alone, as the person gave it; the proof's data confirms it. A kind of code says its
    name, its `amr`, how it writes a message, what it accepts as an address, and how much of one may be shown.
    """

    name: str
    amr: tuple[str, ...]

    def __init__(
        self,
        send: Send[M],
        *,
        key: bytes,
        clock: Callable[[], int],
        settings: CodeSettings,
        sending_limit: float = SENDING_LIMIT,
    ) -> None:
        """`clock` gives milliseconds since 1970 UTC. Raises ValueError for a key below `KEY_BYTES`."""
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key for codes has at least {KEY_BYTES} bytes")
        self._send = send
        self._key = key
        self._clock = clock
        self._settings = settings
        self._sending_limit = sending_limit

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Send a first code. Raises ProviderDown, or Refused where there is no confirmed address that takes one."""
        state = await self._with_new_code(factor, step_up, begun(step_up, 0, sent=0), self._clock())
        return Challenge(state, self._shown(state), state["expires_at"])

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Pending:
        """Always Pending: only the person's code completes it."""
        return Pending(state, self._shown(state))

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"code": "12345678"}`, or `{"resend": true}`: a new code, after which the earlier ones are void.

        A resend that comes too early or too often sends nothing; what is `shown` says so. Raises WrongTry, Malformed,
        what `require_open` raises, and for a resend what `begin` raises; the code that was sent stays good then.
        """
        require_open(state, step_up, answer, now=now)
        if wishes(answer, "resend"):
            if state["sent"] <= self._settings.resends and now >= state["resend_at"]:
                state = await self._with_new_code(factor, step_up, state, now)
            return Pending(state, self._shown(state))
        code = digits_in(answer, length=self._settings.digits)
        address = self._address(factor, step_up)
        if not same(self._mac(step_up, address, state["sent"], code), state["mac"]):
            raise wrong_try(state)
        return Proof(
            method=self.name,
            amr=self.amr,
            binding=Binding.SERVER,
            at=now,
            once=(f"code:{step_up.id}",),
            data={"address": address, "confirmed_at": now} if step_up.purpose is Purpose.LINK else None,
        )

    async def cancel(self, state: State) -> None:
        """A message cannot be called back; its code is worth nothing without the state."""

    async def _with_new_code(self, factor: Factor, step_up: StepUp, state: State, now: int) -> State:
        """Send a new code; the state that knows it counts on and keeps the wrong answers of before."""
        expires_at = min(now + self._settings.valid_seconds * 1000, step_up.expires_at)
        if expires_at <= now:
            raise TimedOut("the step-up has ended")
        address = self._address(factor, step_up)
        code = f"{secrets.randbelow(10**self._settings.digits):0{self._settings.digits}}"
        minutes = max(1, (expires_at - now) // 60_000)
        await self._deliver(address, self.message(step_up, code, minutes))
        sent = state["sent"] + 1
        return {
            **state,
            "mac": self._mac(step_up, address, sent, code),
            "expires_at": expires_at,
            "sent": sent,
            "resend_at": now + self._settings.resend_after_seconds * 1000,
            "sent_to": self.masked(address),
        }

    async def _deliver(self, address: str, message: M) -> None:
        try:
            async with asyncio.timeout(self._sending_limit):
                result = await self._send(address, message)
        except TimeoutError:
            raise ProviderDown("the sender did not answer in time") from None
        except Exception as error:
            # A sender should raise nothing. Its error may quote the address or the message: only its kind is told.
            raise ProviderDown(f"the sender failed with {type(error).__name__}") from None
        if isinstance(result, Sent):
            return
        if result.permanent:
            raise Refused("the address takes no messages")
        raise ProviderDown("the message was not taken", retry_after=max(result.retry_after, 1.0))

    def _address(self, factor: Factor, step_up: StepUp) -> str:
        address = factor.data.get("address")
        if not isinstance(address, str):
            raise Refused("no address is known")
        if step_up.purpose is not Purpose.LINK and "confirmed_at" not in factor.data:
            raise Refused("the address was never confirmed")
        self.require_address(address)
        return address

    def _mac(self, step_up: StepUp, address: str, sent: int, code: str) -> str:
        parts = (self.name, step_up.id, step_up.intent_hash, address, str(sent), code)
        encoded = [part.encode() for part in parts]
        # Each part carries its length: no two lists of parts make the same bytes.
        message = DOMAIN + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
        return hmac.digest(self._key, message, "sha256").hex()

    def _shown(self, state: State) -> dict[str, Any]:
        return {
            "digits": self._settings.digits,
            "sent_to": state["sent_to"],
            "expires_at": state["expires_at"],
            "resends_left": self._settings.resends + 1 - state["sent"],
            "resend_at": state["resend_at"],
        }

    @abstractmethod
    def message(self, step_up: StepUp, code: str, minutes: int) -> M:
        """What is sent; `minutes` is how long the code lives."""

    @abstractmethod
    def require_address(self, address: str) -> None:
        """Raises Refused for an address that nothing may be sent to."""

    @abstractmethod
    def masked(self, address: str) -> str:
        """As much of an address as its owner needs to know it again."""


def one_line(name: str, *, most: int = 60) -> str:
    """A name for a message: one line, without control and direction characters, at most `most` characters.

    A line break would begin a new header of a mail; a right-to-left override would turn the text around it.
    """
    spaced = "".join(" " if sign.isspace() else sign for sign in name)
    kept = "".join(sign for sign in spaced if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())[:most].rstrip()
