"""Codes by SMS on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from identity.sms_otp import SmsOtp, SmsSettings
from tests.contracts.step_up.code_stage import CodeStage
from tests.contracts.step_up.letter_box import letter_box
from tests.contracts.step_up.stage import TIME_LIMIT, Stage


def code_in(message: Any) -> str:
    """What a phone with WebOTP takes."""
    line = str(message).splitlines()[-1]
    assert line.startswith("@hub.example #")
    return line.rpartition("#")[2]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with letter_box() as box:
        found = CodeStage(box, code_in, "+46701234567", "+46707654321")
        found.provider = SmsOtp(
            box.send,
            host="hub.example",
            key=bytes(32),
            clock=lambda: found.now,
            settings=SmsSettings(allowed_prefixes=("+467",)),
            sending_limit=TIME_LIMIT,
        )
        yield found
