"""What is allowed in a requirement and still worth a warning to whoever writes it. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.assurance import SENT
from approvals_hub.domain.requirement import Requirement

CODES: Final = frozenset({"totp", "email_otp", "sms_otp", "recovery_codes"})
"""Ways in which a person has to remember or copy a code."""


class Advice(msgspec.Struct, frozen=True):
    """One warning, about the member at `field`."""

    code: str
    detail: str
    next_step: str
    field: str


def advice(wanted: Requirement) -> list[Advice]:
    """Every warning about this requirement, in a fixed order."""
    found = []
    if wanted.methods and CODES.issuperset(wanted.methods):
        found.append(
            Advice(
                "codes_alone",
                "every way that is named takes a code to be remembered or copied, which some people cannot do",
                "Name passkey or an eID beside them (WCAG 2.2, 3.3.8).",
                "$.methods",
            )
        )
    if wanted.risk == "high" and not SENT.isdisjoint(wanted.methods):
        found.append(
            Advice(
                "sent_codes_where_risk_is_high",
                "codes by mail and SMS can be read by others on their way, and are worth LOW",
                "Leave them out where a mistake costs much, or ask for SUBSTANTIAL.",
                "$.methods",
            )
        )
    return found


def refuse_sent_codes(wanted: Requirement) -> None:
    """Raises Invalid for codes by mail or SMS where the risk is critical."""
    sent = [method for method in wanted.methods if method in SENT]
    if wanted.risk == "critical" and sent:
        raise Invalid(
            "requirement_invalid",
            f"{sent[0]} can be read by others on its way: it approves nothing whose risk is critical",
            next_step="Name passkey, an eID or totp instead.",
            field=f"$.methods[{wanted.methods.index(sent[0])}]",
        )
