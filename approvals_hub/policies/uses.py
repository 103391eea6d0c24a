"""Which policies in force name a route, a group, a signal or a mode: none is deleted as long as one does."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.policies import store
from approvals_hub.policies.demand import requirement_for
from approvals_hub.policies.load import load
from approvals_hub.routing.plan import GROUP, ROUTE

_NOTHING: Final = Requirement()


async def policies_use_in(tx: Tx, org_id: str, kind: str, name: str) -> list[str]:
    """`policy:NAME` for each that would miss it; a question by its rule would be a refusal."""
    if kind not in (ROUTE, GROUP):
        return []
    wanted = name if kind == ROUTE else f"group:{name}"
    return [f"policy:{row['name']}" for row in await store.in_force(tx, org_id) if wanted in _named(row["body"], kind)]


async def policies_select_in(tx: Tx, org_id: str, word: str, *, by_mode: bool) -> list[str]:
    """The names of those in force with a rule that selects by this signal, or by this mode."""
    selecting = [(row["name"], _selects(row["body"], by_mode)) for row in await store.in_force(tx, org_id)]
    return [name for name, words in selecting if word in words]


@lru_cache(maxsize=512)
def _selects(text: str, by_mode: bool) -> frozenset[str]:
    try:
        places = [rule.where for rule in load(text).rules if rule.where is not None]
    except Invalid:
        return frozenset()
    return frozenset(word for where in places for word in (where.mode if by_mode else where.signal) or ())


@lru_cache(maxsize=512)
def _named(text: str, kind: str) -> frozenset[str]:
    """The routes, or whose approvals, that a text names; nothing of one that cannot be read any more, as it denies."""
    try:
        asked = [rule.approval for rule in load(text).rules if rule.approval is not None]
    except Invalid:
        return frozenset()
    if kind == ROUTE:
        return frozenset(each.route for each in asked if each.route is not None)
    return frozenset(name for each in asked for name in requirement_for(_NOTHING, each).paths_of_names())
