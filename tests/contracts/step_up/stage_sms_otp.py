"""Codes by SMS on a stage, through each gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from identity.sms_otp import SmsOtp, SmsSettings
from tests.contracts.step_up.code_stage import CodeStage
from tests.contracts.step_up.senders import by_gateway
from tests.contracts.step_up.stage import TIME_LIMIT, Stage


def code_in(text: str) -> str:
    """What a phone with WebOTP takes."""
    line = text.splitlines()[-1]
    assert line.startswith("@hub.example #")
    return line.rpartition("#")[2]


@asynccontextmanager
async def stage(gateway: str = "http") -> AsyncIterator[Stage]:
    async with by_gateway(gateway) as texts:
        found = CodeStage(texts.carrier, code_in, "+46701234567", "+46707654321")
        found.provider = SmsOtp(
            texts.send,
            host="hub.example",
            key=bytes(32),
            clock=lambda: found.now,
            settings=SmsSettings(allowed_prefixes=("+467",)),
            sending_limit=TIME_LIMIT,
        )
        yield found
