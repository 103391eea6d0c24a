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
    """What to set; the rest stays as it is. Nothing at all: only read."""

    buckets: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    back_off: bool | None = None


class Measured(Arguments, frozen=True):
    """How many days are looked back."""

    days: int = 30


async def limits(hub: Hub, given: NewLimits) -> Answer:
    """How much agents may ask, after the change if there is one."""
    operator = OperatorCredential(await the_org(hub, given.org))
    standing: Answer = msgspec.to_builtins(await hub.set_limits.present(operator))
    back_off = {} if given.back_off is None else {"back_off": given.back_off}
    if given.buckets or back_off:
        wanted = {**standing, **given.buckets, **back_off}
        standing = msgspec.to_builtins(await hub.set_limits(operator, wanted))
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
