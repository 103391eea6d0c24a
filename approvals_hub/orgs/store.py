"""SQL of organisations and memberships."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

MEMBER_STATE = "CASE WHEN m.disabled_at IS NULL THEN p.state ELSE 'disabled' END"
"""The state in which a member `m` of the person `p` is in this organisation; in others it may be another."""


async def add(tx: Tx, *, org_id: str, name: str, requirement: str, at: int, made_by: str | None = None) -> None:
    """Store a new organisation, made by a person or by the operator."""
    await tx.execute(
        "INSERT INTO orgs (id, name, requirement, created_at, made_by)"
        " VALUES (:id, :name, :requirement, :at, :made_by)",
        made_by=made_by,
        id=org_id,
        name=name,
        requirement=requirement,
        at=at,
    )


async def find(tx: Tx, org_id: str) -> Row | None:
    """One organisation."""
    return await tx.row(
        "SELECT id, name, requirement, created_at, stopped_at, stopped_by FROM orgs WHERE id = :id", id=org_id
    )


async def every(tx: Tx) -> list[Row]:
    """All organisations, oldest first."""
    return await tx.rows("SELECT id, name, requirement, created_at, stopped_at, made_by FROM orgs ORDER BY id")


async def set_requirement(tx: Tx, org_id: str, requirement: str) -> None:
    """Replace the default requirement; open questions keep theirs."""
    await tx.execute("UPDATE orgs SET requirement = :requirement WHERE id = :id", id=org_id, requirement=requirement)


async def limits(tx: Tx, org_id: str) -> str | None:
    """How much its agents may ask; None for the defaults."""
    row = await tx.row("SELECT limits FROM orgs WHERE id = :id", id=org_id)
    return None if row is None else row["limits"]


async def set_limits(tx: Tx, org_id: str, text: str) -> None:
    """Replace them."""
    await tx.execute("UPDATE orgs SET limits = :text WHERE id = :id", id=org_id, text=text)


async def disclosure(tx: Tx, org_id: str) -> str | None:
    """How much of its questions may be said outside; None for the least."""
    row = await tx.row("SELECT disclosure FROM orgs WHERE id = :id", id=org_id)
    return None if row is None else row["disclosure"]


async def set_disclosure(tx: Tx, org_id: str, text: str) -> None:
    """Replace it."""
    await tx.execute("UPDATE orgs SET disclosure = :text WHERE id = :id", id=org_id, text=text)


async def default_route(tx: Tx, org_id: str) -> str | None:
    """The name of the route of questions for which nothing else names one."""
    row = await tx.row("SELECT default_route FROM orgs WHERE id = :id", id=org_id)
    return None if row is None else row["default_route"]


async def set_default_route(tx: Tx, org_id: str, name: str | None) -> None:
    """Replace it; open questions keep theirs."""
    await tx.execute("UPDATE orgs SET default_route = :name WHERE id = :id", id=org_id, name=name)


async def stop(tx: Tx, org_id: str, *, at: int, by: str) -> Row | None:
    """Stop it, once; None where it is stopped already."""
    return await tx.row(
        "UPDATE orgs SET stopped_at = :at, stopped_by = :by WHERE id = :id AND stopped_at IS NULL RETURNING id",
        id=org_id,
        at=at,
        by=by,
    )


async def resume(tx: Tx, org_id: str) -> Row | None:
    """Let it go on; None where it is not stopped."""
    return await tx.row(
        "UPDATE orgs SET stopped_at = NULL, stopped_by = NULL WHERE id = :id AND stopped_at IS NOT NULL RETURNING id",
        id=org_id,
    )


async def add_member(tx: Tx, *, org_id: str, person_id: str, roles: str, at: int) -> None:
    """Make a person a member."""
    await tx.execute(
        "INSERT INTO memberships (org_id, person_id, roles, created_at) VALUES (:org, :person, :roles, :at)",
        org=org_id,
        person=person_id,
        roles=roles,
        at=at,
    )


async def set_roles(tx: Tx, org_id: str, person_id: str, *, old: str, new: str) -> bool:
    """Give a member other roles; False where they have changed meanwhile."""
    return bool(
        await tx.execute(
            "UPDATE memberships SET roles = :new"
            " WHERE org_id = :org AND person_id = :person AND roles = :old AND removed_at IS NULL",
            org=org_id,
            person=person_id,
            old=old,
            new=new,
        )
    )


async def members(tx: Tx, org_id: str) -> list[Row]:
    """Everybody who is in it, disabled people too."""
    return await tx.rows(
        f"SELECT p.id, p.name, p.email, {MEMBER_STATE} AS state, m.roles, m.created_at, m.invited_as FROM memberships m"
        " JOIN people p ON p.id = m.person_id WHERE m.org_id = :org AND m.removed_at IS NULL ORDER BY p.id",
        org=org_id,
    )


async def member(tx: Tx, org_id: str, person_id: str) -> Row | None:
    """One member, disabled or not."""
    return await tx.row(
        f"SELECT p.id, p.name, p.email, {MEMBER_STATE} AS state, m.roles, m.created_at FROM memberships m"
        " JOIN people p ON p.id = m.person_id"
        " WHERE m.org_id = :org AND m.person_id = :person AND m.removed_at IS NULL",
        org=org_id,
        person=person_id,
    )


async def roles_of(tx: Tx, org_id: str, people: list[str]) -> dict[str, str]:
    """The roles of those of these people who are active members."""
    rows = await tx.rows(
        "SELECT m.person_id, m.roles FROM memberships m JOIN people p ON p.id = m.person_id"
        " WHERE m.org_id = :org AND m.person_id IN :people AND m.removed_at IS NULL AND m.disabled_at IS NULL"
        " AND p.state = 'active'",
        org=org_id,
        people=In(people),
    )
    return {row["person_id"]: row["roles"] for row in rows}


async def absent_until(tx: Tx, org_id: str, until: int) -> None:
    """Somebody has a delegate until then: before, whoever answers may answer for others."""
    await tx.execute(
        "UPDATE orgs SET absent_until = :until WHERE id = :org AND (absent_until IS NULL OR absent_until < :until)",
        org=org_id,
        until=until,
    )


async def memberships(tx: Tx, person_id: str) -> list[Row]:
    """The organisations in which a person counts, the first one first."""
    return await tx.rows(
        "SELECT m.org_id, m.roles, o.name AS org_name, o.absent_until FROM memberships m JOIN orgs o ON o.id = m.org_id"
        " WHERE m.person_id = :person AND m.removed_at IS NULL AND m.disabled_at IS NULL"
        " ORDER BY m.created_at, m.org_id",
        person=person_id,
    )
