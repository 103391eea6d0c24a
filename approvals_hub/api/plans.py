"""Groups, routes and schedules over HTTP: YAML as it was written, each change against the version it replaces."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from approvals_hub.api.call import Answer, Call
from approvals_hub.api.fields import Form, Id, Items, Seconds, Time, at, instant
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.policy_drafts import asked_first
from approvals_hub.core.clock import to_text
from approvals_hub.core.strict_yaml import MAX_BYTES
from approvals_hub.hub import GROUP, ROUTE, SCHEDULE, Foreseen, Missing, Plan, ShownPlan
from approvals_hub.people.who_answers import Waiting

Yaml = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_BYTES)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class PlanForm(Form, frozen=True):
    """The whole text, and the version that it replaces: 0 for a new one.

    A change by which somebody may hear of fewer questions needs a fresh factor.
    """

    yaml: Yaml
    version: Version = 0
    fresh: FreshForm | None = None


class GoneForm(Form, frozen=True):
    """The version that is deleted, and a fresh factor."""

    version: Version
    fresh: FreshForm | None = None


class PlanView(msgspec.Struct, frozen=True):
    """A text as it was written, and its version for the next change."""

    name: str
    yaml: str
    hash: str
    version: int
    changed_at: str
    changed_by: str


class InGroupView(msgspec.Struct, frozen=True):
    """Somebody in a group; while they are away, until when and who stands in."""

    person_id: str
    name: str
    state: str
    away_until: str | None
    delegate_id: str | None


class ShownPlanView(PlanView, frozen=True):
    """The same with what uses it (`route:NAME`, `default_route`, `policy:NAME`), of a group its people, and what it
    names that is not there any more."""

    used_by: list[str]
    people: list[InGroupView]
    warnings: list[Missing]


class PreviewForm(Form, frozen=True):
    """When a question would open (now unless said), for how many seconds, and a text that is not saved."""

    yaml: Yaml | None = None
    at: Time | None = None
    expires_in: Seconds | None = None
    urgent: bool = False


class ToldView(msgspec.Struct, frozen=True):
    """One person would be told at one time; `through` is whom they stand in for."""

    at: str
    level: int
    person_id: str
    through: list[str]
    channel: str
    reason: str


class ForeseenView(msgspec.Struct, frozen=True):
    """Who would be told when, and how it would end, if nobody reacted; and what a saved route names that is not there
    any more."""

    opened_at: str
    told: list[ToldView]
    ends_at: str
    outcome: str
    cause: str
    warnings: list[Missing]


class DefaultForm(Form, frozen=True):
    """A route's name, or null for none: then everybody who may answer is told. Needs a fresh factor."""

    route: Id | None
    fresh: FreshForm | None = None


class DefaultView(msgspec.Struct, frozen=True):
    """What stands now."""

    route: str | None


async def groups(call: Call[None]) -> Items[PlanView]:
    """All groups, by name."""
    return await _listed(call, GROUP)


async def group(call: Call[None]) -> ShownPlanView:
    """One group, its people, and what uses it."""
    return await _one(call, GROUP)


async def put_group(call: Call[PlanForm]) -> PlanView | Answer:
    """Write a group. Taking somebody out of one needs a fresh factor, and so does letting somebody into one by which a
    policy or the organisation says who must answer: 202 with a draft where publishing takes a second person."""
    made = await _put(call, GROUP)
    if isinstance(made, Waiting):
        draft, _ = await call.hub.drafts.read.one(call.person, made.draft_id)
        return asked_first(draft)
    return PlanView(**_members(made))


async def delete_group(call: Call[GoneForm]) -> PlanView:
    """Delete a group that no route and no policy uses."""
    return await _delete(call, GROUP)


async def routes(call: Call[None]) -> Items[PlanView]:
    """All routes, by name."""
    return await _listed(call, ROUTE)


async def route(call: Call[None]) -> ShownPlanView:
    """One route, and whether it is the default."""
    return await _one(call, ROUTE)


async def put_route(call: Call[PlanForm]) -> PlanView:
    """Write a route. Changing one that stands needs a fresh factor."""
    return _written(await _put(call, ROUTE))


async def delete_route(call: Call[GoneForm]) -> PlanView:
    """Delete a route that is not the default and that no policy uses."""
    return await _delete(call, ROUTE)


async def schedules(call: Call[None]) -> Items[PlanView]:
    """All schedules, by name."""
    return await _listed(call, SCHEDULE)


async def schedule(call: Call[None]) -> ShownPlanView:
    """One schedule, and which routes use it."""
    return await _one(call, SCHEDULE)


async def put_schedule(call: Call[PlanForm]) -> PlanView:
    """Write a schedule. Changing one that stands needs a fresh factor."""
    return _written(await _put(call, SCHEDULE))


async def delete_schedule(call: Call[GoneForm]) -> PlanView:
    """Delete a schedule that no route uses, with its overrides."""
    return await _delete(call, SCHEDULE)


async def preview(call: Call[PreviewForm]) -> ForeseenView:
    """Who would be told when, by what, if nobody reacted; nothing is told, and nothing is saved."""
    asked = call.asked
    opened_at = None if asked.at is None else instant(asked.at, "$.at")
    return _foreseen(
        await call.hub.preview_route(
            call.person,
            call.part("name"),
            asked.yaml,
            at=opened_at,
            expires_in=asked.expires_in,
            urgent=asked.urgent,
        )
    )


async def default_route(call: Call[None]) -> DefaultView:
    """The route of questions for which nothing else names one."""
    return DefaultView(await call.hub.set_default_route.present(call.person))


async def set_default_route(call: Call[DefaultForm]) -> DefaultView:
    """Set it, from the next question on."""
    wanted = await call.hub.set_default_route(call.person, call.asked.route, fresh_of(call.asked.fresh))
    return DefaultView(wanted)


async def _listed(call: Call[None], kind: str) -> Items[PlanView]:
    return Items([PlanView(**_members(plan)) for plan in await call.hub.read_plans(call.person, kind)])


async def _one(call: Call[None], kind: str) -> ShownPlanView:
    return _shown(await call.hub.read_plans.one(call.person, kind, call.part("name")))


async def _put(call: Call[PlanForm], kind: str) -> Plan | Waiting:
    asked = call.asked
    return await call.hub.keep_plans.put(
        call.person, kind, call.part("name"), asked.yaml, version=asked.version, fresh=fresh_of(asked.fresh)
    )


def _written(made: Plan | Waiting) -> PlanView:
    """Of a route or schedule: these say who is told, and no second person is asked about them."""
    assert not isinstance(made, Waiting)
    return PlanView(**_members(made))


async def _delete(call: Call[GoneForm], kind: str) -> PlanView:
    asked = call.asked
    gone = await call.hub.keep_plans.delete(
        call.person, kind, call.part("name"), version=asked.version, fresh=fresh_of(asked.fresh)
    )
    return PlanView(**_members(gone))


def _members(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "yaml": plan.text,
        "hash": plan.hash,
        "version": plan.version,
        "changed_at": to_text(plan.changed_at),
        "changed_by": plan.changed_by,
    }


def _shown(shown: ShownPlan) -> ShownPlanView:
    people = [
        InGroupView(each.person_id, each.name, each.state, at(each.away_until), each.delegate_id)
        for each in shown.people
    ]
    return ShownPlanView(**_members(shown.plan), used_by=shown.used_by, people=people, warnings=shown.missing)


def _foreseen(foreseen: Foreseen) -> ForeseenView:
    told = [
        ToldView(
            to_text(each.at),
            each.level,
            each.person,
            [link.person for link in each.chain[:-1]],
            each.channel,
            each.reason,
        )
        for each in foreseen.told
    ]
    end = foreseen.end
    return ForeseenView(
        to_text(foreseen.opened_at), told, to_text(end.at), end.outcome, end.cause, list(foreseen.missing)
    )
