"""The stage of every provider that sends a code; mail and SMS differ in the address and in where the code stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from identity.proof import Challenge, Factor, StepUp
from identity.provider import Provider
from tests.contracts.step_up import asked
from tests.contracts.step_up.senders import Carrier
from tests.contracts.step_up.stage import TIME_LIMIT
from tests.fakes.trouble import Trouble


class CodeStage:
    """A person and another one, each with a confirmed address, and the server behind the sender of the codes."""

    has_vendor = True

    def __init__(self, carrier: Carrier, code_in: Callable[[str], str], mine: str, theirs: str) -> None:
        self.provider: Provider
        self.now = asked.START
        self.factor = confirmed(mine)
        self._other = confirmed(theirs)
        self._carrier = carrier
        carrier.hurry.seconds = TIME_LIMIT
        self._code_in = code_in

    def step_up(self, *, intent: bytes = b"pay 85 USD", **changes: Any) -> StepUp:
        return asked.step_up(self.now, intent=intent, **changes)

    async def person_proves(self, challenge: Challenge, *, other_person: bool = False) -> Any:
        if other_person:
            return await self._code_for(self._other, self.step_up())
        return {"code": self.newest_code()}

    async def answer_for_another_intent(self, step_up: StepUp) -> Any:
        return await self._code_for(self.factor, self.step_up(intent=b"pay 9000 USD"))

    async def person_cancels(self, challenge: Challenge) -> Any:
        return {"cancel": True}

    def malformed_answers(self) -> list[Any]:
        full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in self.newest_code())
        texts = ("", "1", "12345678901", "abcdefgh", full_width, "١٢٣٤٥٦٧٨", "1234\u20095678", "\ud800", "1e5", "-1")
        return [*({"code": text} for text in texts), {"code": None}, {"code": 123456}, {"code": ["12345678"]}]

    def vendor_is_down(self) -> AbstractAsyncContextManager[None]:
        return self._carrier.is_down()

    def vendor_is_silent(self) -> AbstractAsyncContextManager[None]:
        return self._plays(Trouble.SILENT)

    def vendor_garbles(self) -> AbstractAsyncContextManager[None]:
        return self._plays(Trouble.GARBLES)

    @asynccontextmanager
    async def _plays(self, trouble: Trouble) -> AsyncIterator[None]:
        with self._carrier.plays(trouble):
            yield

    def secrets(self) -> list[str]:
        addresses = [str(factor.data["address"]) for factor in (self.factor, self._other)]
        return [*addresses, *self._codes()]

    def newest_code(self) -> str:
        return self._codes()[-1]

    async def _code_for(self, factor: Factor, step_up: StepUp) -> Any:
        """A code that was sent for something else; never by chance one that was sent before."""
        before = self._codes()
        while True:
            await self.provider.begin(factor, step_up)
            if self.newest_code() not in before:
                return {"code": self.newest_code()}

    def _codes(self) -> list[str]:
        return [self._code_in(arrival.text) for arrival in self._carrier.arrived]


def confirmed(address: str) -> Factor:
    return Factor({"address": address, "confirmed_at": asked.START - 1000})
