"""What is allowed in a requirement and still worth a warning to whoever writes it. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.assurance import DEVICE_KEY, PASSKEY, SENT, SIGNED, Evidence, combined
from approvals_hub.domain.requirement import Requirement

CODES: Final = frozenset({"totp", "email_otp", "sms_otp", "recovery_codes"})
"""Ways in which a person has to remember or copy a code: cognitive function tests (WCAG 2.2, 3.3.8)."""


_CODES_ALONE: Final = "every way that is enough takes a code to be remembered or copied, which some people cannot do"
_KEYS: Final = frozenset({"device_key", "passkey"})
"""They sign the answer itself."""
_NAME_ANOTHER: Final = "Name passkey or an eID beside them (WCAG 2.2, 3.3.8): whoever has the app goes on using it."


class Advice(msgspec.Struct, frozen=True):
    """One warning, about the member at `field`."""

    code: str
    detail: str
    next_step: str
    field: str


def advice(wanted: Requirement) -> list[Advice]:
    """Every warning about this requirement, in a fixed order."""
    found = []
    if codes_alone(wanted):
        found.append(
            Advice(
                "codes_alone",
                _CODES_ALONE,
                _NAME_ANOTHER,
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


def codes_alone(wanted: Requirement) -> bool:
    """Whether some code is enough for an approval, beside a device key or a passkey, and nothing else is.

    Judged by what would satisfy it, not by the names alone: `device_key` beside `totp` is no way where the risk is
    critical.
    """
    devices = (DEVICE_KEY, PASSKEY)
    if any(wanted.satisfied_by(device.acr, device.methods) for device in devices):
        return False

    def enough(method: str) -> bool:
        each = (combined(device, [Evidence(method, (), SIGNED, "HIGH")]) for device in devices)
        return any(wanted.satisfied_by(it.acr, it.methods) for it in each)

    ways = {method for method in wanted.methods if method not in _KEYS and enough(method)}
    return bool(ways) and ways <= CODES


def refusal_of_codes(wanted: Requirement, *before: Requirement, field: str = "$.methods") -> Invalid | None:
    """A refusal where codes alone satisfy it, unless they did one of those `before` already: nobody is locked out."""
    if not codes_alone(wanted) or any(codes_alone(each) for each in before):
        return None
    return Invalid("requirement_invalid", _CODES_ALONE, next_step=_NAME_ANOTHER, field=field)
