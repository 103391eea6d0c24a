"""Commands against fatigue, carried out: how much agents may ask, and how people answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from approvals_hub.cli.arguments import Arguments
from approvals_hub.cli.tenant import the_org
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential

Answer = dict[str, Any]


class NewLimits(Arguments, frozen=True):
    """Buckets to set; the others stay as they are. None at all: only read."""

    buckets: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)


class Measured(Arguments, frozen=True):
    """How many days are looked back."""

    days: int = 30


async def limits(hub: Hub, given: NewLimits) -> Answer:
    """How much agents may ask, after the change if there is one."""
    operator = OperatorCredential(await the_org(hub, given.org))
    standing: Answer = msgspec.to_builtins(await hub.set_limits.present(operator))
    if given.buckets:
        standing = msgspec.to_builtins(await hub.set_limits(operator, {**standing, **given.buckets}))
    return standing


async def measures(hub: Hub, given: Measured) -> Answer:
    """How every approver answers."""
    operator = OperatorCredential(await the_org(hub, given.org))
    found = await hub.read_measures(operator, days=given.days, after=None, limit=1000)
    return {"items": msgspec.to_builtins(found)}


FATIGUE: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "agents.limits": (NewLimits, limits),
    "people.measures": (Measured, measures),
}
