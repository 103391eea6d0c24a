"""What an agent asks of its own question beside what its organisation does: more, never less. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.advice import refusal_of_codes
from approvals_hub.domain.assurance import shows_person
from approvals_hub.domain.requirement import CRITICAL, NUMBERS, Requirement, read_default
from approvals_hub_client.canonical import loads

MEMBERS: Final = (
    "approvals",
    "quorum",
    "wait",
    "dwell",
    "min_assurance",
    "fresh_within",
    "passkeys",
    "number_match",
    "reason",
    "risk",
    "approval_valid_for",
)
"""What a request may say."""


def tightened(default: Requirement, asked: dict[str, Any]) -> Requirement:
    """The default with what a request says instead.

    Raises Invalid with the path in the request for a member that may not be said, one that makes no sense, and one that
    asks less in any way, or leaves out anybody who could stop the question.
    """
    unknown = next((name for name in asked if name not in MEMBERS), None)
    if unknown is not None:
        raise Invalid(
            "requirement_invalid",
            f"a request may not say {unknown}",
            next_step=f"A request may say {', '.join(MEMBERS)}.",
            field=f"$.requirement.{unknown}",
        )
    # How long the question lives is asked for beside it, and judged when it opens.
    whole = {**loads(default.text()), **asked, "expires_in": default.longest}
    if asked.get("number_match") is True:
        # Yes is what the organisation asks already, where it asks for one.
        whole["number_match"] = default.number_match or NUMBERS[0]
    if "quorum" in asked:
        whole["approvals"] = asked.get("approvals", 1)
    try:
        wanted = read_default(whole)
    except Invalid as refusal:
        raise Invalid(
            refusal.code,
            str(refusal),
            next_step=refusal.next_step,
            field="$.requirement" + (refusal.field or "$")[1:],
        ) from None
    wanted = msgspec.structs.replace(wanted, expires_in=default.expires_in)
    if wanted.risk == CRITICAL and wanted.methods and not shows_person(wanted.methods):
        raise Invalid(
            "requirement_invalid",
            "this organisation takes nothing but codes by mail or SMS, which approve nothing whose risk is critical",
            next_step="Leave the risk out, or let the organisation name a passkey, an eID or totp.",
            field="$.requirement.risk",
        )
    if codes := refusal_of_codes(wanted, default, field="$.requirement"):
        raise codes
    if wanted.asks_less_than(default):
        raise Invalid(
            "requirement_loosened",
            "a request may ask more than the organisation does, and this asks less in at least one way",
            next_step="Leave out what is no more than the organisation asks; it is asked anyway.",
            field="$.requirement",
        )
    return wanted
