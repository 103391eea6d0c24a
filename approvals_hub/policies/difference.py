"""How two texts of a policy differ, in words: what is allowed from now on, what is asked, what is refused. Pure.

For each kind of action that either text names, the rules that speak of it are read in order, to the first that always
matches or the default; what is new in that list is said, with what was there before. What conditions mean together is
not worked out: a line says what a rule says. A dry run over real decisions says what it comes to.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.decision import ALLOW, DENY, REQUIRE_APPROVAL, STRICTNESS
from approvals_hub.policies.document import PASSTHROUGH, Policy
from approvals_hub.policies.document import REQUIRE_APPROVAL as ASKS
from approvals_hub.policies.index import EVERY, breadth
from approvals_hub.policies.labels import Known, known_of
from approvals_hub.policies.load import load
from approvals_hub.policies.rule_words import Said, rule_in_words

LINES_LIMIT: Final = 40
"""Of each part; how many more there are is said."""
KINDS_LIMIT: Final = 300
"""Kinds of action that are compared; more are told as so many more."""
READ_LIMIT: Final = 60
"""Rules that are read of one kind."""
PASSES: Final = "left to other policies"

_SAID: Final = {
    "allowed": "allowed_from_now_on",
    "asked": "asked_from_now_on",
    "refused": "refused_from_now_on",
    "other": "other_changes",
}
_DEFAULTS: Final = {
    "allow": Said("", ALLOW, "allowed, and nobody is asked"),
    "deny": Said("", DENY, "refused"),
    ASKS: Said("", REQUIRE_APPROVAL, "allowed once people have approved"),
    PASSTHROUGH: Said("", PASSTHROUGH, PASSES),
}
_NOTHING: Final = Said("", PASSTHROUGH, PASSES)


class Difference(msgspec.Struct, frozen=True):
    """What a new text changes; each line is one sentence."""

    allowed: tuple[str, ...] = ()
    """What goes through without people from then on, and did not so before."""
    asked: tuple[str, ...] = ()
    """What goes through once people have approved, or something else is done first."""
    refused: tuple[str, ...] = ()
    """What is refused."""
    other: tuple[str, ...] = ()
    """What cannot be said in these three, like another order of the same rules."""

    @property
    def empty(self) -> bool:
        """Whether it decides as before, as far as can be seen rule by rule."""
        return not (self.allowed or self.asked or self.refused or self.other)


def difference(before: Policy | None, after: Policy | None, *, first: bool = False) -> Difference:
    """What changes where `after` takes the place of `before`; None is no policy of this name.

    `first`: there is no other policy at all before.
    """
    parts: dict[str, list[str]] = {"allowed": [], "asked": [], "refused": [], "other": []}
    kinds = sorted(_kinds(before) | _kinds(after), key=lambda kind: (*breadth(kind), kind))
    for kind in kinds[:KINDS_LIMIT]:
        for part, line in _of_kind(kind, _read(before, kind), _read(after, kind)):
            parts[part].append(line)
    if first and after is not None:
        parts["other"].append("This is the first policy: so far people are asked about everything.")
    if _labels(before) != _labels(after):
        parts["other"].append("What is known of kinds of actions (labels, taxonomy) is another.")
    if len(kinds) > KINDS_LIMIT:
        parts["other"].append(f"{len(kinds) - KINDS_LIMIT} more kinds of action are named: see the text.")
    return Difference(**{name: tuple(_bounded(lines)) for name, lines in parts.items()})


def said(found: Difference) -> dict[str, list[str]]:
    """A difference as it is written everywhere: only what there is of it."""
    lines = {name: list(getattr(found, part)) for part, name in _SAID.items() if getattr(found, part)}
    return lines or {"other_changes": ["As far as the rules say, nothing is decided otherwise."]}


def in_words(before: str | None, after: str | None) -> dict[str, list[str]]:
    """The same of two texts, one of which may be none. A text in force that is read no more is as none. Raises Invalid
    for the new one."""
    return said(difference(None if before is None else readable(before), None if after is None else load(after)))


def readable(text: str) -> Policy | None:
    """A text in force; None where this version of the hub cannot read it any more: the lines tell the difference."""
    try:
        return load(text)
    except Invalid:
        return None


def changed_lines(before: str, after: str, *, old: str, new: str) -> list[str]:
    """The lines that differ, as `diff -u` shows them; `old` and `new` are what both are called."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm=""))


def _kinds(policy: Policy | None) -> set[str]:
    return set() if policy is None else {EVERY, *(rule.action for rule in policy.rules)}


def _read(policy: Policy | None, kind: str) -> tuple[Said, ...]:
    """The rules that speak of all of a kind, in order, up to one that always matches; else the default at the end."""
    if policy is None:
        return (_NOTHING,)
    known = known_of(kind, [policy.labels]) if policy.labels else Known()
    found: list[Said] = []
    for rule in policy.rules:
        if not _speaks(rule.action, kind):
            continue
        found.append(rule_in_words(rule, known))
        if not found[-1].condition or len(found) == READ_LIMIT:
            return tuple(found)
    default = _DEFAULTS[policy.default]
    if default.outcome == ALLOW and known.reversible is False:
        default = Said("", REQUIRE_APPROVAL, "allowed once people have approved, as it cannot be undone")
    return (*found, default)


def _speaks(pattern: str, kind: str) -> bool:
    """Whether a pattern names everything that `kind`, a pattern itself, does."""
    if pattern in (EVERY, kind):
        return True
    if kind == EVERY or not pattern.endswith(".*"):
        return False
    stem = kind.removesuffix(".*")
    return stem == pattern[:-2] or stem.startswith(pattern[:-1])


def _of_kind(kind: str, before: tuple[Said, ...], after: tuple[Said, ...]) -> Iterator[tuple[str, str]]:
    if before == after:
        return
    what = "What no rule names" if kind == EVERY else kind
    new = [each for each in after if each not in before]
    gone = [each for each in before if each not in after]
    for each in new:
        yield _part(each), f"{what}{_if(each)}: {each.verdict}. Before: {_told(before)}."
    if new:
        return
    for each in gone:
        # Whatever the rule decided is decided by those after it now.
        rest = after[min(before.index(each), len(after) - 1) :]
        yield _part(min(rest, key=_strictness)), f"{what}{_if(each)}: no longer {each.verdict}. Now: {_told(rest)}."
    if not gone:
        yield "other", f"{what}: the same rules in another order. Now: {_told(after)}."


def _part(each: Said) -> str:
    if each.outcome == ALLOW:
        return "allowed"
    if each.outcome == DENY:
        return "refused"
    return "other" if each.outcome == PASSTHROUGH else "asked"


def _strictness(each: Said) -> int:
    return STRICTNESS.get(each.outcome, STRICTNESS[REQUIRE_APPROVAL])


def _if(each: Said) -> str:
    return f", if {each.condition}" if each.condition else ""


def _told(rules: tuple[Said, ...]) -> str:
    shown = [f"{each.verdict}{_if(each)}" for each in rules[:4]]
    return "; else ".join(shown) + (f"; and {len(rules) - 4} more rules" if len(rules) > 4 else "")


def _labels(policy: Policy | None) -> object:
    return () if policy is None else policy.labels


def _bounded(lines: list[str]) -> list[str]:
    if len(lines) <= LINES_LIMIT:
        return lines
    return [*lines[:LINES_LIMIT], f"{len(lines) - LINES_LIMIT} more: see the text."]
