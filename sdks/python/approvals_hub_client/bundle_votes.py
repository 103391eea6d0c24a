"""Which of a bundle's answers stood when its question ended, and whose no has to have stopped it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from approvals_hub_client.bundle_form import AnswerPart, BadBundle, Bundle
from approvals_hub_client.bundle_log import Log, Logged

APPROVE, DENY, NOT_ME = "approve", "deny", "not_me"


def standing(bundle: Bundle, log: Log, before: int) -> dict[str, AnswerPart]:
    """Each person's last answer of those that stand before this index of the log, by person, in the log's order.

    Order is the log's, not that of clocks. What somebody says after the end takes the approval back; it changes
    nothing about how it ended. Raises BadBundle.
    """
    found: dict[str, AnswerPart] = {}
    for place, answer in enumerate(bundle.answers):
        if recorded(log, f"answers[{place}]", answer).index < before:
            found.pop(answer.approver_id, None)
            found[answer.approver_id] = answer
    return found


def recorded(log: Log, part: str, answer: AnswerPart) -> Logged:
    """The log's entry of an answer. Raises BadBundle where there is not one."""
    return log.one(part, "decision.recorded", decision_id=answer.decision_id)


def places_of(log: Log, answer: AnswerPart) -> list[str]:
    """In whose places an answer was given, by the log: people who were asked and were away. Raises BadBundle."""
    given = recorded(log, "answers", answer).detail.get("stands_in", [])
    if not isinstance(given, list) or not all(isinstance(place, str) for place in given):
        raise BadBundle("answers", "the log does not say in whose places somebody answered")
    return [place.split("/")[0] for place in given]


def check_refusals(bundle: Bundle, log: Log, votes: Mapping[str, AnswerPart]) -> None:
    """Raise BadBundle where a no stood that ends a question, and it ended approved; or where none did, and it ended so.

    A no ends it that is of somebody with a veto, or given in their place; a "not me", that is anybody's.
    """
    outcome = bundle.question.outcome
    against = {person: answer for person, answer in votes.items() if answer.decision in (DENY, NOT_ME)}
    if outcome == "denied" and not against:
        raise BadBundle("answers", "nobody's no stood at the end, and it ended so")
    if outcome == "not_me" and all(answer.decision != NOT_ME for answer in against.values()):
        raise BadBundle("answers", 'nobody\'s "not me" stood at the end, and it ended so')
    if outcome != "approved":
        return
    stops = _with_a_veto(bundle)
    for person, answer in against.items():
        if answer.decision == NOT_ME or not stops.isdisjoint([person, *places_of(log, answer)]):
            raise BadBundle("answers", f"{person[:80]} said {answer.decision}, which stood, and it ended approved")


def _with_a_veto(bundle: Bundle) -> frozenset[str]:
    """Whose no ends the question: of those who are named, otherwise of everybody who was asked."""
    asked = bundle.question.requirement
    named = asked.get("people") if asked.get("veto") is None else asked["veto"]
    if not isinstance(named, list) or not all(isinstance(person, str) for person in named):
        raise BadBundle("question.requirement", "it does not say whose no ends the question")
    return frozenset(named)
