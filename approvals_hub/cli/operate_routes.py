"""What the operator may do about groups, routes and schedules: a part of the table in `operate.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from approvals_hub.cli.arguments import Answer, Arguments
from approvals_hub.cli.operate_drafts import plain_draft
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_milliseconds, to_text
from approvals_hub.core.errors import HubError, Invalid
from approvals_hub.hub import Hub, Plan
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.who_answers import Waiting
from approvals_hub.routing.plan import name_in

Kind = Literal["group", "route", "schedule"]


class Kinds(Arguments, frozen=True):
    """A command about all plans of a kind."""

    kind: Kind


class OnePlan(Kinds, frozen=True):
    """A command about one plan; `version` is the one that is meant, the one that stands unless said."""

    name: str
    version: int | None = None


class NewText(Kinds, frozen=True):
    """A text to apply; `version` is the one that it replaces, the one that stands unless said."""

    yaml: str
    version: int | None = None


class When(Arguments, frozen=True):
    """A schedule, and an instant."""

    name: str
    at: str | None = None


async def list_plans(hub: Hub, given: Kinds) -> Answer:
    """All of one kind, without their texts."""
    operator = OperatorCredential(await the_org(hub, given.org))
    items = [_plain(plan) for plan in await hub.read_plans(operator, given.kind)]
    return {"items": [{name: value for name, value in item.items() if name != "yaml"} for item in items]}


async def show_plan(hub: Hub, given: OnePlan) -> Answer:
    """One, with its text, what uses it, and what it names that is not there any more."""
    operator = OperatorCredential(await the_org(hub, given.org))
    shown = await hub.read_plans.one(operator, given.kind, given.name)
    people = [{"person_id": each.person_id, "name": each.name, "state": each.state} for each in shown.people]
    warnings = [f"{each.path}: {each.kind} {each.name}: {each.detail}" for each in shown.missing]
    return {**_plain(shown.plan), "used_by": shown.used_by, "people": people, "warnings": warnings}


async def apply_plan(hub: Hub, given: NewText) -> Answer:
    """Write one, called as its text says."""
    operator = OperatorCredential(await the_org(hub, given.org))
    name = name_in(given.kind, given.yaml)
    version = await _standing(hub, operator, given.kind, name) if given.version is None else given.version
    made = await hub.keep_plans.put(operator, given.kind, name, given.yaml, version=version)
    if isinstance(made, Waiting):
        return plain_draft((await hub.drafts.read.one(operator, made.draft_id))[0])
    return _plain(made)


async def delete_plan(hub: Hub, given: OnePlan) -> Answer:
    """Take one away that nothing uses."""
    operator = OperatorCredential(await the_org(hub, given.org))
    version = await _standing(hub, operator, given.kind, given.name) if given.version is None else given.version
    return _plain(await hub.keep_plans.delete(operator, given.kind, given.name, version=version))


async def on_call(hub: Hub, given: When) -> Answer:
    """Who is on call. Raises Invalid for a time that is none."""
    operator = OperatorCredential(await the_org(hub, given.org))
    try:
        at = None if given.at is None else to_milliseconds(given.at)
    except (ValueError, OverflowError) as error:
        raise Invalid("time_invalid", str(error), next_step="Write it like 2026-12-24T08:00:00Z.") from None
    duty = await hub.on_call(operator, given.name, at)
    return {
        "schedule": duty.schedule,
        "at": to_text(duty.at),
        "person_id": duty.person_id,
        "name": duty.name,
        "then": duty.then,
        "until": None if duty.until is None else to_text(duty.until),
    }


PLANS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "plans.list": (Kinds, list_plans),
    "plans.show": (OnePlan, show_plan),
    "plans.apply": (NewText, apply_plan),
    "plans.delete": (OnePlan, delete_plan),
    "schedules.on_call": (When, on_call),
}


async def _standing(hub: Hub, operator: OperatorCredential, kind: str, name: str) -> int:
    try:
        return (await hub.read_plans.one(operator, kind, name)).plan.version
    except HubError:
        return 0


def _plain(plan: Plan) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "name": plan.name,
        "version": plan.version,
        "hash": plan.hash,
        "changed_at": to_text(plan.changed_at),
        "changed_by": plan.changed_by,
        "yaml": plan.text,
    }
