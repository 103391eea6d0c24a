"""Codes by e-mail on a stage, over each way to send mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from identity.email_otp import EmailOtp, EmailSettings
from tests.contracts.step_up.code_stage import CodeStage
from tests.contracts.step_up.senders import Mails, by_sendgrid, by_smtp
from tests.contracts.step_up.stage import TIME_LIMIT, Stage


def code_in(text: str) -> str:
    """The line of the mail's text that is nothing but digits."""
    found = re.search(r"^\d{8}\r?$", text, re.MULTILINE)
    assert found is not None
    return found[0].rstrip()


def stage() -> AbstractAsyncContextManager[Stage]:
    """With a mail server."""
    return sent_by(by_smtp())


def stage_sendgrid() -> AbstractAsyncContextManager[Stage]:
    """With SendGrid."""
    return sent_by(by_sendgrid())


@asynccontextmanager
async def sent_by(sender: AbstractAsyncContextManager[Mails]) -> AsyncIterator[Stage]:
    async with sender as mails:
        found = CodeStage(mails.carrier, code_in, "anna@example.se", "mallory@example.se")
        found.provider = EmailOtp(
            mails.send, key=bytes(32), clock=lambda: found.now, settings=EmailSettings(), sending_limit=TIME_LIMIT
        )
        yield found
