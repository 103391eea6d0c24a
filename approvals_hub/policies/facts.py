"""What a decision is made from beside the action: all of it the hub's own knowledge, none of it the agent's word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Counter(msgspec.Struct, frozen=True, order=True):
    """Whose total a limit is compared with. Equal counters have one total; the store adds what was reserved."""

    policy_id: str
    name: str
    kind: str
    """`spend` or `count`."""
    currency: str
    """Empty for a count."""
    window: str
    who: tuple[str, ...]
    """Like `("agent:agt_1", "vendor:example.com")`."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one decision. What is None is not known: a rule that denies takes it for the worse."""

    now: int
    """Milliseconds since 1970 UTC."""
    teams: frozenset[str] = frozenset()
    """The agent's."""
    project: str | None = None
    environment: str | None = None
    mode: str | None = None
    """The organisation's."""
    signals: frozenset[str] = frozenset()
    """Those that stand: people or monitors hold them set, or the hub measured them."""
    chain: tuple[str, ...] | None = None
    """The agents that delegated, as far as the hub has verified them; None: as `principal.chain` of the action says."""
    registry: Mapping[str, str] = _NOTHING
    """Host, or `*.` and a name for all hosts below it → trust profile. Who is not in it is trusted LOW."""
    counterparties: tuple[str, ...] = ()
    """Of whom the hub verified a proof for this action."""
    totals: Mapping[Counter, int] = _NOTHING
    """What each counter has by now in its window. One that is not known stands above every limit."""
