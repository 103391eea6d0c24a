"""Codes by e-mail: eight digits, at most five minutes.

A mailbox is read by whoever has its password, and often its administrator: by itself it is no second factor. The proof
says only that a code was typed; what that is worth, the caller decides.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from identity.code_mail import Mail, code_mail
from identity.errors import Refused
from identity.one_time_code import CodeSettings, OneTimeCode
from identity.proof import StepUp

LONGEST = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3, without the angle brackets)."""
_ADDRESS = re.compile(r'[^\s@<>()\[\]\\,;:"\x00-\x20\x7f]{1,64}@[^\s@<>()\[\]\\,;:"\x00-\x20\x7f]+')


class EmailSettings(CodeSettings, frozen=True, kw_only=True):
    """What can be set."""

    digits: Annotated[int, msgspec.Meta(ge=8, le=8)] = 8
    """How many digits a code has: eight. Mail lies about for long, and is guessed at by whoever can wait."""


class EmailOtp(OneTimeCode[Mail]):
    """The provider `email_otp`. Addresses with quotes or comments are refused: nobody has one, attacks do."""

    name = "email_otp"
    proofs_expire = True
    amr = ("otp",)

    def message(self, step_up: StepUp, code: str, minutes: int) -> Mail:
        """The mail, in the step-up's language and the organisation's name."""
        return code_mail(
            code,
            organisation=step_up.organisation,
            purpose=step_up.purpose,
            minutes=minutes,
            language=step_up.language,
        )

    def require_address(self, address: str) -> None:
        """Raises Refused for what is no plain mail address: nothing that could begin a header or name a second one."""
        if len(address) > LONGEST or not _ADDRESS.fullmatch(address):
            raise Refused("not a mail address")

    def masked(self, address: str) -> str:
        """The first letter and the host: `a…@example.se`."""
        return f"{address[0]}…@{address.rpartition('@')[2]}"
