"""Codes by SMS: six digits (eight where set), filled in by phones that know WebOTP.

Every message costs money, and numbers exist whose owners earn it: codes go only to prefixes that are allowed, never to
premium ones, and a challenge may ask for few. A number is moved to another SIM by talking to its operator: NIST
SP 800-63B calls SMS restricted; what the proof is worth, the caller decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated

import msgspec

from identity.errors import Refused
from identity.one_time_code import SENDING_LIMIT, CodeSettings, OneTimeCode, Send, one_line
from identity.proof import StepUp

PART = 160
"""Characters of one message in the GSM 7-bit alphabet (3GPP TS 23.038); a longer one is paid twice."""
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table (3GPP TS 23.038 section 6.2.1). One character beside it makes every character cost double."""
PREMIUM = (
    *("+46900", "+46939", "+46944", "+4699"),  # Sweden
    "+4782",  # Norway
    "+4590",  # Denmark
    *("+358600", "+358700"),  # Finland
    *("+449", "+4470", "+4487"),  # United Kingdom: premium, personal and revenue-sharing numbers
    *("+49900", "+49137"),  # Germany
    *("+1900", "+1976"),  # North America
    *("+808", "+979"),  # international shared-cost and premium-rate numbers
    *("+870", "+878", "+881", "+882", "+883"),  # satellites and networks without a country
)
"""Prefixes that are never written to, whatever is allowed: their owners are paid, or the sender pays many times."""
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_TEXTS = {
    "sv": "{who}: {code} är din engångskod. Den gäller i {minutes} min. Ge den till ingen.",
    "en": "{who}: {code} is your one-time code. It is valid for {minutes} min. Give it to nobody.",
}

Prefix = Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{0,14}\Z")]


class SmsSettings(CodeSettings, frozen=True, kw_only=True):
    """What can be set."""

    allowed_prefixes: Annotated[tuple[Prefix, ...], msgspec.Meta(min_length=1)]
    """The beginnings of numbers that may be written to: `+467` is Swedish mobiles, `+1` is 25 countries."""
    refused_prefixes: tuple[Prefix, ...] = ()
    """Further beginnings that may not, within those that are allowed."""
    digits: Annotated[int, msgspec.Meta(ge=6, le=8)] = 6
    """How many digits a code has; 8 where much depends on it."""
    resends: Annotated[int, msgspec.Meta(ge=0, le=5)] = 2
    """How many further codes the person may ask for within one challenge."""
    resend_after_seconds: Annotated[int, msgspec.Meta(ge=10, le=300)] = 60
    """How long they wait between two."""


class SmsOtp(OneTimeCode[str]):
    """The provider `sms_otp`; addresses are numbers as in E.164, `+46701234567`."""

    name = "sms_otp"
    proofs_expire = True
    amr = ("otp", "sms")

    def __init__(
        self,
        send: Send[str],
        *,
        host: str,
        key: bytes,
        clock: Callable[[], int],
        settings: SmsSettings,
        sending_limit: float = SENDING_LIMIT,
    ) -> None:
        """`host` is the host name of the page where the code is typed."""
        super().__init__(send, key=key, clock=clock, settings=settings, sending_limit=sending_limit)
        self._host = host
        self._allowed = settings.allowed_prefixes
        self._refused = (*PREMIUM, *settings.refused_prefixes)

    def message(self, step_up: StepUp, code: str, minutes: int) -> str:
        """One part of GSM 7-bit text, with the last line that WebOTP reads (WICG, origin-bound one-time codes)."""
        text = _TEXTS.get(step_up.language, _TEXTS["en"])
        last = f"\n\n@{self._host} #{code}"
        rest = PART - len(text.format(who="", code=code, minutes=minutes)) - len(last)
        who = in_gsm(one_line(step_up.organisation))[: max(rest, 0)].strip() or "Hub"
        return text.format(who=who, code=code, minutes=minutes) + last

    def require_address(self, address: str) -> None:
        """Raises Refused for what is no number, for a premium one, and for a country that is not allowed."""
        if not _NUMBER.fullmatch(address):
            raise Refused("not a telephone number in the form of E.164")
        if not address.startswith(self._allowed):
            raise Refused("messages to this country or network are not allowed; see `allowed_prefixes`")
        if address.startswith(self._refused):
            raise Refused("messages to this kind of number are not allowed")

    def masked(self, address: str) -> str:
        """The last two digits: `…67`."""
        return f"…{address[-2:]}"


def in_gsm(text: str) -> str:
    """The text in the basic GSM table: other letters lose their accents, what is left beside the table is dropped."""
    return "".join(sign for letter in text for sign in _plain(letter) if sign in ALPHABET)


def _plain(letter: str) -> str:
    return letter if letter in ALPHABET else unicodedata.normalize("NFKD", letter)
