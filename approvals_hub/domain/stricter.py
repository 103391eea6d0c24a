"""Whether one rule asks at least what another does. Pure.

It says yes only where that follows from how both are written: two rules that amount to the same in an organisation of
today may differ tomorrow. Where it says no in vain, a change takes a fresh factor that it would not need.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from approvals_hub.domain.rule import ROLES
from approvals_hub_client.rule import Rule
from approvals_hub_client.seats import one_each

EVERYBODY = frozenset(ROLES)


def asks_at_least(new: Rule | None, old: Rule | None) -> bool:
    """Whether whatever satisfies `new` satisfies `old` too; None asks for nobody in particular."""
    if old is None or new == old:
        return True
    if new is None:
        return False
    if new.any is not None:
        return all(asks_at_least(part, old) for part in new.any)
    if new.parts and any(asks_at_least(part, old) for part in new.parts):
        return True
    if old.any is not None:
        return any(asks_at_least(new, part) for part in old.any)
    if new.of is not None:
        return _group_asks(new, old) if old.of is not None else _only_part_asked(new, old)
    if old.stages is not None:
        return new.stages is not None and _in_order(new.stages, old.stages)
    return old.all is not None and _one_each(new.parts, old.all)


def covers(new: Collection[str] | None, old: Collection[str] | None) -> bool:
    """Whether the people behind the names `new` are all those behind `old`; None is everybody who may answer."""
    everybody = new is None or set(new) >= EVERYBODY
    return everybody or (old is not None and set(new or ()) >= set(old))


def _group_asks(new: Rule, old: Rule) -> bool:
    within = set(old.of or ()) >= EVERYBODY or set(new.of or ()) <= set(old.of or ())
    return within and (new.approvals or 1) >= (old.approvals or 1)


def _only_part_asked(new: Rule, old: Rule) -> bool:
    return len(old.parts) == 1 and asks_at_least(new, old.parts[0])


def _in_order(new: Sequence[Rule], old: Sequence[Rule]) -> bool:
    """Whether each old stage has one that asks as much, in the same order."""
    left = iter(new)
    return all(any(asks_at_least(stage, wanted) for stage in left) for wanted in old)


def _one_each(new: Sequence[Rule], old: Sequence[Rule]) -> bool:
    """Whether each old part has one of its own that asks as much: as no person counts twice, neither may a part."""
    fitting = [[place for place, part in enumerate(new) if asks_at_least(part, wanted)] for wanted in old]
    return one_each(fitting) == len(old)
