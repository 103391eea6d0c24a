"""The plainest provider of codes, for the tests of their engine: the message is the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from identity.errors import Refused
from identity.one_time_code import CodeSettings, NotSent, OneTimeCode, Sent
from identity.proof import Challenge, Factor, StepUp
from tests.contracts.step_up import asked

NOW = asked.START
MINE = Factor({"address": "anna", "confirmed_at": 1})


class Slip(OneTimeCode[str]):
    """The plainest kind: the message is the code."""

    name = "slip"
    amr = ("otp",)

    def message(self, step_up: StepUp, code: str, minutes: int) -> str:
        return f"{code} {minutes}"

    def require_address(self, address: str) -> None:
        if address == "evil":
            raise Refused("not this one")

    def masked(self, address: str) -> str:
        return f"{address[0]}…"


@dataclass
class Desk:
    """A provider, its clock, and what was sent."""

    now: int = NOW
    result: Sent | NotSent | BaseException = field(default_factory=Sent)
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, address: str, message: str) -> Sent | NotSent:
        if isinstance(self.result, BaseException):
            raise self.result
        self.sent.append((address, message))
        return self.result

    def provider(self, **settings: Any) -> Slip:
        return Slip(self.send, key=bytes(32), clock=lambda: self.now, settings=CodeSettings(**settings))

    @property
    def code(self) -> str:
        return self.sent[-1][1].split()[0]


async def begun(desk: Desk, **settings: Any) -> tuple[Slip, StepUp, Challenge]:
    provider, step_up = desk.provider(**settings), asked.step_up(desk.now)
    return provider, step_up, await provider.begin(MINE, step_up)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
