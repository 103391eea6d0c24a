"""What a terminal and a program are told about a question: where people answer it, how many may, how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from approvals_hub_client import Credential, Question


RISKS: Final = ("low", "medium", "high", "critical")


def link(question: Question, credential: Credential) -> str:
    """The question's page, at the address that people have of the hub."""
    return f"{(credential.issuer or credential.hub).rstrip('/')}/app/escalations/{question.escalation_id}"


def people(question: Question) -> str:
    """How many may answer and must approve; nothing of a hub that does not say."""
    may, must = question.view.get("may_answer"), question.view.get("approvals")
    if not isinstance(may, int) or not isinstance(must, int):
        return ""
    return f"{may} {'person' if may == 1 else 'people'} may answer; {must} must approve."


def standing(question: Question) -> str:
    """How risky it is, whether anybody has looked yet, and the code that they compare."""
    seen = "somebody is looking" if question.view.get("seen_at") else "waiting"
    if question.view.get("delivery") == "unreachable":
        seen = "nobody could be reached yet"
    risk = question.view.get("risk")
    if risk in RISKS:
        seen = f"{risk} risk, {seen}"
    return seen + (f", code {question.match_code}" if question.match_code else "")


def members(question: Question, credential: Credential) -> dict[str, Any]:
    """The same as data."""
    return {
        "escalation_id": question.escalation_id,
        "action_hash": question.action_hash,
        "action": question.action,
        "expires_at": question.view["expires_at"],
        "match_code": question.match_code,
        "link": link(question, credential),
        "may_answer": question.view.get("may_answer"),
        "approvals": question.view.get("approvals"),
        "risk": question.view.get("risk"),
    }
