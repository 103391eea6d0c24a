"""What an organisation has that a plan may name, as the tables say it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from approvals_hub.core.errors import HubError, NotFound
from approvals_hub.db.database import Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.routing import store
from approvals_hub.routing.plan import GROUP, SCHEDULE, Plan
from approvals_hub.routing.refer import Known

ChannelsIn = Callable[[Tx, str], Awaitable[tuple[str, ...]]]
"""The names of the channels over which an organisation's people can be told."""


async def known_in(tx: Tx, org_id: str, names_in: ChannelsIn) -> Known:
    """People, groups, schedules and channels."""
    return Known(
        channels=await names_in(tx, org_id),
        people=people_of(await orgs.members(tx, org_id)),
        groups=tuple(row["name"] for row in await store.plans(tx, org_id, GROUP)),
        schedules=tuple(row["name"] for row in await store.plans(tx, org_id, SCHEDULE)),
    )


def people_of(members: list[Row]) -> dict[str, str]:
    """What a plan may write → a member's id. An address that two members have is nobody's; a disabled one counts, as
    they may come back, and are told nothing until then. Whoever joined with a key of theirs is meant by the id that
    they were invited under as well."""
    addresses = [row["email"] for row in members if row["email"]]
    found = {row["email"]: row["id"] for row in members if row["email"] and addresses.count(row["email"]) == 1}
    found |= {row["invited_as"]: row["id"] for row in members if row["invited_as"]}
    return {**found, **{row["id"]: row["id"] for row in members}}


def plan_of(row: Row) -> Plan:
    """The plan of a stored row."""
    return Plan(
        row["kind"], row["name"], row["body"], row["hash"], row["version"], row["changed_at"], row["changed_by"]
    )


async def plan_in(tx: Tx, org_id: str, kind: str, name: str) -> Plan | HubError:
    """One plan, or that there is none."""
    row = await store.plan(tx, org_id, kind, name)
    if row is None:
        return NotFound(f"{kind}_unknown", f"there is no such {kind}", next_step=f"List the {kind}s.")
    return plan_of(row)
