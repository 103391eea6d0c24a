"""Whether those whom a bundle's token names were enough: the frozen rule, in the log's order of things. Pure.

Who counts is the hub's word as far as it is about who still was a member, and whose delegation still held; that they
signed, for whom, in which stage and when is in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from approvals_hub_client.bundle_form import AnswerPart, BadBundle, Bundle
from approvals_hub_client.bundle_log import Log, Logged
from approvals_hub_client.bundle_votes import APPROVE, DENY, places_of, recorded, standing
from approvals_hub_client.rule import Rule, read_frozen
from approvals_hub_client.seats import missing, reached
from approvals_hub_client.times import to_milliseconds

_PART = "token.claims.approvers"


def check_quorum(
    bundle: Bundle, log: Log, ended: Logged, named: Iterable[dict[str, Any]], votes: Mapping[str, AnswerPart]
) -> None:
    """Raise BadBundle unless these approvers, whose answers are in `votes`, were enough when the question ended."""
    asked = bundle.question.requirement
    _check_wait(log, asked.get("wait", 0), ended)
    rule = _rule(asked)
    openings = _openings(bundle, log, rule, ended)
    given: dict[str, int] = {}
    own: dict[str, str] = {}
    instead: dict[str, str] = {}
    for one in named:
        answer = votes[str(one["person_id"])]
        own[answer.approver_id] = answer.approver_id
        for seat in _stood_in(log, answer, one):
            instead[seat], given[seat] = answer.approver_id, _stage(log, answer, openings)
    given |= {person: _stage(log, votes[person], openings) for person in own}
    signed_by = instead | own
    voters = frozenset(_people(asked)) if rule is None else rule.members()
    seats = voters - _refused(log, votes, ended)
    if any(seats.isdisjoint([person, *(seat for seat, by in instead.items() if by == person)]) for person in own):
        raise BadBundle(_PART, "the token names somebody whose approval takes no place in the rule")
    given = {seat: stage for seat, stage in given.items() if seat in seats}
    if _missing(asked, rule, given, signed_by):
        raise BadBundle(_PART, "those whom the token names are not those, or not as many, as the rule takes")


def _rule(asked: dict[str, Any]) -> Rule | None:
    try:
        return None if asked.get("quorum") is None else read_frozen(asked["quorum"])
    except (ValueError, msgspec.ValidationError) as error:
        raise BadBundle("question.requirement", f"its rule cannot be read: {error}") from None


def _people(asked: dict[str, Any]) -> list[str]:
    people = asked.get("people")
    if not isinstance(people, list) or not all(isinstance(person, str) for person in people):
        raise BadBundle("question.requirement", "it does not say who was asked")
    return people


def _missing(asked: dict[str, Any], rule: Rule | None, given: Mapping[str, int], signed_by: Mapping[str, str]) -> int:
    if rule is not None:
        return missing(rule, given, signed_by)
    wanted = asked.get("approvals")
    if type(wanted) is not int:
        raise BadBundle("question.requirement", "it does not say how many must approve")
    return max(max(1, wanted) - len({signed_by[seat] for seat in given}), 0)


def _check_wait(log: Log, wait: Any, ended: Logged) -> None:
    opened = log.one("question", "escalation.opened")
    try:
        passed = to_milliseconds(ended.ts) - to_milliseconds(opened.ts)
    except ValueError:
        raise BadBundle("question.ended_at", "the log's time of its end is no time") from None
    if type(wait) is not int or passed < wait * 1000:
        raise BadBundle("question.ended_at", "it ended approved before an approval could take effect")


def _openings(bundle: Bundle, log: Log, rule: Rule | None, ended: Logged) -> list[tuple[int, int]]:
    """Where in the log which later stage was opened; none before those before it held."""
    found: list[tuple[int, int]] = []
    for entry in log.of("escalation.stage_opened"):
        if entry.index > ended.index:
            break
        yes = [one for one in standing(bundle, log, entry.index).values() if one.decision == APPROVE]
        signed_by = {seat: one.approver_id for one in yes for seat in places_of(log, one)}
        signed_by |= {one.approver_id: one.approver_id for one in yes}
        stages = {one.approver_id: _stage(log, one, found) for one in yes}
        given = {seat: stages[person] for seat, person in signed_by.items()}
        stage, last = entry.detail.get("stage"), found[-1][1] if found else 0
        if type(stage) is not int or not last < stage <= reached(rule, given, signed_by):
            raise BadBundle("log.entries", "the log opens a stage before those before it held")
        found.append((entry.index, stage))
    return found


def _stage(log: Log, answer: AnswerPart, openings: Iterable[tuple[int, int]]) -> int:
    """How many stages were complete when somebody answered."""
    index = recorded(log, _PART, answer).index
    return max((stage for opened, stage in openings if opened < index), default=0)


def _stood_in(log: Log, answer: AnswerPart, one: dict[str, Any]) -> list[str]:
    """In whose places somebody approved: of those that the log has for this answer, no others."""
    places = one.get("stands_in", [])
    if not isinstance(places, list) or not all(isinstance(place, dict) for place in places):
        raise BadBundle(_PART, "stands_in is a list of places")
    seats = [str(place.get("person_id")) for place in places]
    if not set(seats) <= set(places_of(log, answer)):
        raise BadBundle(_PART, "the log does not say that somebody answered in this place")
    return seats


def _refused(log: Log, votes: Mapping[str, AnswerPart], ended: Logged) -> frozenset[str]:
    """Whose own no stood, with a key that still counted: nobody says yes in their place."""
    return frozenset(
        person
        for person, answer in votes.items()
        if answer.decision == DENY
        and not any(gone.index < ended.index for gone in log.of("device.revoked", device_id=answer.device_id))
    )
