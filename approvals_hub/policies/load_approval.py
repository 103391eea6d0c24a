"""Reads what a rule asks of people, and its limits on how much and how often. Pure.

An approval is written in members of `domain.requirement.Requirement` and checked by it: there is no second meaning of
quorum, assurance or number match.
"""

from __future__ import annotations

import re
from typing import Any, Final

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import Listed, Mapped, Node, Place, refuse
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.domain.advice import refuse_sent_codes
from approvals_hub.domain.assurance import LEVELS
from approvals_hub.domain.requirement import LONGEST_DWELL, LONGEST_LIFE, SHORTEST_LIFE, Requirement, read_default
from approvals_hub.policies.document import ABOVE, CODE, COUNT, PER, SPEND, WINDOWS, Asked, Limit
from approvals_hub.policies.reading import Faults, mapping, names, value_of

LIMITS_LIMIT: Final = 16
"""Limits of one rule, of each kind."""
LONGEST_VALID: Final = 86_400

_DURATIONS: Final = {
    "time_lock": ("wait", 0, LONGEST_LIFE),
    "expires_in": ("expires_in", SHORTEST_LIFE, LONGEST_LIFE),
    "dwell": ("dwell", 0, LONGEST_DWELL),
    "longest": ("longest", SHORTEST_LIFE, LONGEST_LIFE),
    "fresh_within": ("fresh_within", 1, 3600),
    "approval_valid_for": ("approval_valid_for", 1, LONGEST_VALID),
}
"""Written with a unit; in the requirement they are seconds."""
_PLAIN: Final = (
    "approvals",
    "veto",
    "min_assurance",
    "methods",
    "passkeys",
    "most_risk",
    "number_match",
    "reason",
    "risk",
    "environment",
)
APPROVAL: Final = ("quorum", "route", *_PLAIN, *_DURATIONS)
LIMIT: Final = ("limit", "currency", "window", "per", "above", "min_assurance", "name")
FREQUENCY: Final = ("most", "window", "per", "above", "min_assurance", "name")

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_A_NAME: Final = "a name of 1 to 40 small letters, digits, '_' and '-', beginning with a letter"
_CURRENCY = re.compile(r"[A-Z]{3,8}")
_STEP = re.compile(r"\.([a-z_]+)|\[(\d+)\]")
_WRITTEN: Final = {member: key for key, (member, _, _) in _DURATIONS.items()}


def read_approval(node: Node, faults: Faults) -> Asked:
    """What people are asked. Raises Invalid, at the value that the requirement would refuse."""
    fields = mapping(node, APPROVAL, faults)
    members: dict[str, Any] = {}
    for key in _PLAIN:
        if fields.has(key):
            members[key] = value_of(fields.node(key))
    for key, (member, least, most) in _DURATIONS.items():
        if fields.has(key):
            members[member] = fields.duration(key, least, most)
    if members.get("wait") and "expires_in" not in members:
        fields.refuse(
            "time_lock", "a 'time_lock' stands beside 'expires_in', which is longer: else the question ends first"
        )
    if fields.has("quorum"):
        quorum = value_of(fields.node("quorum"))
        # A bare number is so many different people of those who may answer.
        counts = type(quorum) is int
        if counts and "approvals" in members:
            fields.refuse("approvals", "'quorum' says how many must approve")
        members["approvals" if counts else "quorum"] = quorum
    requirement_of(members, node)
    return Asked(members, fields.text("route", _NAME, _A_NAME) if fields.has("route") else None)


def requirement_of(members: dict[str, Any], node: Node) -> Requirement:
    """The requirement that these members make by themselves. Raises Invalid at their place in the text."""
    try:
        found = read_default(members)
        refuse_sent_codes(found)
    except Invalid as refusal:
        refuse(CODE, _place(node, refusal.field or "$"), refusal.detail)
    return found


def read_limits(fields: Fields, faults: Faults) -> tuple[Limit, ...]:
    """The limits of a rule, those on spending first. Raises Invalid."""
    found = [_limit(each, SPEND, faults) for each in _each(fields, "spend")]
    found += [_limit(each, COUNT, faults) for each in _each(fields, "frequency")]
    seen = set()
    for limit in found:
        # Two limits with one total would be one limit that nobody sees.
        same = (limit.kind, limit.name, limit.currency, limit.window, limit.per)
        if same in seen:
            fields.refuse("spend" if limit.kind == SPEND else "frequency", "the same limit is written twice")
        seen.add(same)
    return tuple(found)


def _each(fields: Fields, key: str) -> tuple[Node, ...]:
    if not fields.has(key):
        return ()
    node = fields.node(key)
    items = node.items if isinstance(node, Listed) else (node,)
    if not 1 <= len(items) <= LIMITS_LIMIT:
        refuse(CODE, node.place, f"{key!r} is one limit or a list of 1 to {LIMITS_LIMIT}")
    return items


def _limit(node: Node, kind: str, faults: Faults) -> Limit:
    spends = kind == SPEND
    fields = mapping(node, LIMIT if spends else FREQUENCY, faults)
    currency = None
    if spends:
        currency = fields.text("currency", _CURRENCY, "a currency like EUR, in capitals")
    return Limit(
        kind=kind,
        name=fields.text("name", _NAME, _A_NAME) if fields.has("name") else "",
        most=fields.whole("limit" if spends else "most", 0, 10**15),
        currency=currency,
        window=fields.choice("window", tuple(WINDOWS)),
        per=names(fields, "per", len(PER), PER) or ("agent",),
        above=fields.choice("above", ABOVE, ABOVE[0] if spends else ABOVE[1]),
        min_assurance=fields.choice("min_assurance", tuple(LEVELS)[1:], "SUBSTANTIAL"),
    )


def _place(node: Node, field: str) -> Place:
    """Where a member of the requirement stands in the text: the innermost value on its way that is written."""
    for name, number in _STEP.findall(field):
        key = _WRITTEN.get(name, name)
        if isinstance(node, Mapped) and key == "approvals" and key not in node.values:
            key = "quorum"
        if isinstance(node, Mapped) and key in node.values:
            node = node.values[key]
        elif isinstance(node, Listed) and number and int(number) < len(node.items):
            node = node.items[int(number)]
        else:
            break
    return node.place
