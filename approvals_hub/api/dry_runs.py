"""Dry runs of policies over HTTP: what a new text would have decided about real decisions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Cursor, Form, Limit
from approvals_hub.api.policies import BindingForm, Yaml
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Again


class DryRunForm(Form, frozen=True):
    """A text, as if it had been in force for the last `days` as this policy. `binding` left out: as it is; every agent
    for a new one. `cursor` leads to the next page of what changes; the counts are always those of all."""

    yaml: Yaml
    binding: BindingForm | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 30
    limit: Limit = 50
    cursor: Cursor | None = None


class ChangedView(msgspec.Struct, frozen=True):
    """One real decision that would be another one. `id` is its decision's, or its question's where an agent asked
    people directly. `now` is what the policies in force decide today; `reason` and `rule_id` are of what would be."""

    id: str
    agent_id: str
    at: str
    action_id: str | None
    action_type: str | None
    was: str
    now: str
    would_be: str
    change: str
    reason: str
    rule_id: str | None


class DryRunView(msgspec.Struct, frozen=True):
    """What would change. `changes` has kinds like `ALLOW to DENY` with how many decisions; `not_replayed` says why some
    could not be decided once more. `complete` is false where there were more decisions than are looked at."""

    name: str
    since: str
    until: str
    complete: bool
    replayed: int
    changes: dict[str, int]
    not_replayed: dict[str, int]
    items: list[ChangedView]
    next: str | None


async def run(call: Call[DryRunForm]) -> DryRunView:
    """Say what a new text would have decided about the real decisions of the last days, by the engine that decides;
    nothing is asked, reserved or put in force."""
    asked = call.asked
    found = await call.hub.dry_run(
        call.person,
        call.part("name"),
        asked.yaml,
        binding=None if asked.binding is None else asked.binding.binding(),
        days=asked.days,
        after=asked.cursor,
        limit=asked.limit,
    )
    items, more = found.items[: asked.limit], len(found.items) > asked.limit
    return DryRunView(
        name=found.name,
        since=to_text(found.since),
        until=to_text(found.until),
        complete=found.complete,
        replayed=found.replayed,
        changes=found.changes,
        not_replayed=found.not_replayed,
        items=[_changed(each) for each in items],
        next=items[-1].recorded.id if more else None,
    )


def _changed(each: Again) -> ChangedView:
    recorded, action = each.recorded, each.recorded.action or {}
    return ChangedView(
        id=recorded.id,
        agent_id=recorded.agent_id,
        at=to_text(recorded.at),
        action_id=action.get("action_id"),
        action_type=action.get("action_type"),
        was=recorded.was,
        now=each.now,
        would_be=each.would_be,
        change=each.change or "",
        reason=each.reason,
        rule_id=each.rule_id,
    )
