"""Conditions, in three values: true, false, and None where a value is not what the condition is about.

A rule that allows takes only what is true; a rule that denies takes also what cannot be judged. So a number sent as a
string, a list where a word is expected or a host that readers disagree about never opens anything: with two values one
of the two directions would always be open (Kleene's logic, so that it holds under `not` as well).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, Final

from approvals_hub.policies.document import ORDERED, All, Cel, Match, Not
from approvals_hub.policies.host import host_of
from approvals_hub.policies.path import MISSING
from approvals_hub.policies.view import CLAIMED, View

Truth = bool | None

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_NEGATED: Final = {"neq": "eq", "nin": "in", "host_nin": "host_in"}
_KINDS: Final = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}


def judge(condition: Any, view: View, *, expects: bool = False) -> Truth:
    """What a condition is of this action. `expects`: a missing number or text is not known, instead of false."""
    if isinstance(condition, Match):
        return matches(condition, view, expects=expects)
    if isinstance(condition, Cel):
        return condition.expression.holds(view.expressed)
    if isinstance(condition, Not):
        return opposite(judge(condition.part, view, expects=expects))
    # Nothing that comes after a part that settles it can change it.
    parts = (judge(part, view, expects=expects) for part in condition.parts)
    return every(parts) if isinstance(condition, All) else some(parts)


def every(truths: Iterable[Truth]) -> Truth:
    """False as soon as one is; true when all are; else not known."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """True as soon as one is; false when none is; else not known."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def opposite(truth: Truth) -> Truth:
    """What is not known stays so."""
    return None if truth is None else not truth


def matches(match: Match, view: View, *, expects: bool = False) -> Truth:
    """What one comparison is."""
    found = view.at(match.steps)
    if found is CLAIMED:
        return None
    op = match.op
    if op == "exists":
        return found is not MISSING and found is not None
    if op in _NEGATED:
        return opposite(_holds(_NEGATED[op], match, found, expects))
    return _holds(op, match, found, expects)


def _holds(op: str, match: Match, found: Any, expects: bool) -> Truth:
    if op == "eq":
        return equal(found, match.value)
    if op == "in":
        return among(found, match.value)
    if op == "host_in":
        return _hosts_in(match, found, expects)
    if found is MISSING:
        return None if expects else False
    if op in ORDERED:
        both = _kind(found) == _kind(match.value) == "number"
        return _ORDER[op](found, match.value) if both else None
    return match.pattern.found_in(found) if match.pattern is not None and type(found) is str else None


def equal(found: Any, wanted: Any) -> Truth:
    """Same type and same value; a value of another type is none that can be compared. What is missing, or null, equals
    nothing but null."""
    if found is MISSING:
        return False
    kind = _kind(found)
    if kind == _kind(wanted) and kind is not None:
        return bool(found == wanted)
    return False if found is None or wanted is None else None


def among(found: Any, wanted: Any) -> Truth:
    """Whether it is one of a list."""
    return some(equal(found, each) for each in wanted)


def _hosts_in(match: Match, found: Any, expects: bool) -> Truth:
    """Whether the host, or every one of several, is in the list."""
    assert match.hosts is not None
    if found is MISSING or found is None:
        return None if expects else False
    each = found if type(found) is list else [found]
    if not each:
        return None
    hosts = [host_of(one) for one in each]
    truths = [None if host is None else match.hosts.name(host) for host in hosts]
    # Of several some in and some not: no list of allowed hosts lets them through, and none of denied ones either.
    return truths[0] if len(set(truths)) == 1 else None


def _kind(value: Any) -> str | None:
    return _KINDS.get(type(value))
