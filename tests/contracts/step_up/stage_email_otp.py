"""Codes by e-mail on a stage."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from identity.email_otp import EmailOtp, EmailSettings
from tests.contracts.step_up.code_stage import CodeStage
from tests.contracts.step_up.letter_box import letter_box
from tests.contracts.step_up.stage import TIME_LIMIT, Stage


def code_in(message: Any) -> str:
    """The line of the mail's text that is nothing but digits."""
    found = re.search(r"^\d{8}$", message["text"], re.MULTILINE)
    assert found is not None
    return found[0]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with letter_box() as box:
        found = CodeStage(box, code_in, "anna@example.se", "mallory@example.se")
        found.provider = EmailOtp(
            box.send, key=bytes(32), clock=lambda: found.now, settings=EmailSettings(), sending_limit=TIME_LIMIT
        )
        yield found
