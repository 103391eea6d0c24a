"""SQL of groups, routes and schedules."""

from __future__ import annotations

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

_PLAN = "kind, name, body, hash, version, changed_at, changed_by"


async def plans(tx: Tx, org_id: str, kind: str) -> list[Row]:
    """All of one kind, by name. There are never more than `PLANS_LIMIT`."""
    return await tx.rows(
        f"SELECT {_PLAN} FROM plans WHERE org_id = :org AND kind = :kind ORDER BY name", org=org_id, kind=kind
    )


async def plan(tx: Tx, org_id: str, kind: str, name: str) -> Row | None:
    """One of them."""
    return await tx.row(
        f"SELECT {_PLAN} FROM plans WHERE org_id = :org AND kind = :kind AND name = :name",
        org=org_id,
        kind=kind,
        name=name,
    )


async def put_plan(
    tx: Tx, org_id: str, *, kind: str, name: str, text: str, content_hash: str, version: int, at: int, by: str
) -> None:
    """Write it whole, new or not."""
    await tx.execute(
        "INSERT INTO plans (org_id, kind, name, body, hash, version, changed_at, changed_by)"
        " VALUES (:org, :kind, :name, :body, :hash, :version, :at, :by)"
        " ON CONFLICT (org_id, kind, name) DO UPDATE SET body = excluded.body, hash = excluded.hash,"
        " version = excluded.version, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        org=org_id,
        kind=kind,
        name=name,
        body=text,
        hash=content_hash,
        version=version,
        at=at,
        by=by,
    )


async def delete_plan(tx: Tx, org_id: str, kind: str, name: str) -> None:
    """Take it away."""
    await tx.execute(
        "DELETE FROM plans WHERE org_id = :org AND kind = :kind AND name = :name", org=org_id, kind=kind, name=name
    )


async def group_members(tx: Tx, org_id: str) -> list[Row]:
    """Who is in each group now, in the order of its text."""
    return await tx.rows(
        "SELECT group_name, person_id, since FROM group_members WHERE org_id = :org AND until IS NULL"
        " ORDER BY group_name, place, person_id",
        org=org_id,
    )


async def memberships(tx: Tx, org_id: str, groups: list[str], people: list[str]) -> dict[tuple[str, str], int]:
    """(group, person) → since when, of those of these people who are in these groups now."""
    rows = await tx.rows(
        "SELECT group_name, person_id, since FROM group_members"
        " WHERE org_id = :org AND group_name IN :groups AND person_id IN :people AND until IS NULL",
        org=org_id,
        groups=In(groups),
        people=In(people),
    )
    return {(row["group_name"], row["person_id"]): row["since"] for row in rows}


async def left_groups(tx: Tx, org_id: str, since: int) -> list[Row]:
    """Who left which group at or after an instant."""
    return await tx.rows(
        "SELECT group_name, person_id, until FROM group_members WHERE org_id = :org AND until >= :since"
        " ORDER BY until, group_name, person_id",
        org=org_id,
        since=since,
    )


async def join_group(tx: Tx, org_id: str, *, member_id: str, group: str, person_id: str, place: int, at: int) -> None:
    """Somebody is in a group from now on, or at another place in it."""
    await tx.execute(
        "INSERT INTO group_members (id, org_id, group_name, person_id, place, since)"
        " VALUES (:id, :org, :group_name, :person, :place, :at)"
        " ON CONFLICT (org_id, group_name, person_id) WHERE until IS NULL DO UPDATE SET place = excluded.place",
        id=member_id,
        org=org_id,
        group_name=group,
        person=person_id,
        place=place,
        at=at,
    )


async def hand_on(tx: Tx, org_id: str, *, old: str, new: str, at: int) -> None:
    """What one person is in, or stands in for, another is from now on, at the same place."""
    rows = await tx.rows(
        "SELECT group_name, place FROM group_members WHERE org_id = :org AND person_id = :old AND until IS NULL",
        org=org_id,
        old=old,
    )
    for row in rows:
        await leave_group(tx, org_id, row["group_name"], [old], at=at)
        await join_group(
            tx, org_id, member_id=new_id("gmb"), group=row["group_name"], person_id=new, place=row["place"], at=at
        )
    for table, column in (("schedule_overrides", "person_id"), ("absences", "delegate_id")):
        await tx.execute(
            f"UPDATE {table} SET {column} = :new WHERE org_id = :org AND {column} = :old AND until > :at",
            org=org_id,
            old=old,
            new=new,
            at=at,
        )


async def leave_group(tx: Tx, org_id: str, group: str, people: list[str], *, at: int) -> None:
    """These are in it no more."""
    await tx.execute(
        "UPDATE group_members SET until = :at"
        " WHERE org_id = :org AND group_name = :group_name AND person_id IN :people AND until IS NULL",
        org=org_id,
        group_name=group,
        people=In(people),
        at=at,
    )
