"""SQL of how memberships begin, are set aside and end. Each touches one organisation's row and no other."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def end(tx: Tx, org_id: str, person_id: str, *, at: int) -> Row | None:
    """Take a member out, once; the person and their other memberships stay."""
    return await tx.row(
        "UPDATE memberships SET removed_at = :at, disabled_at = NULL"
        " WHERE org_id = :org AND person_id = :person AND removed_at IS NULL RETURNING person_id",
        org=org_id,
        person=person_id,
        at=at,
    )


async def set_aside(tx: Tx, org_id: str, person_id: str, *, at: int) -> Row | None:
    """Let a member do nothing here for now, once."""
    return await tx.row(
        "UPDATE memberships SET disabled_at = :at WHERE org_id = :org AND person_id = :person"
        " AND removed_at IS NULL AND disabled_at IS NULL RETURNING person_id",
        org=org_id,
        person=person_id,
        at=at,
    )


async def is_set_aside(tx: Tx, org_id: str, person_id: str) -> bool:
    """Whether a member does nothing here for now, whatever their account may elsewhere."""
    row = await tx.row(
        "SELECT 1 AS one FROM memberships WHERE org_id = :org AND person_id = :person AND removed_at IS NULL"
        " AND disabled_at IS NOT NULL",
        org=org_id,
        person=person_id,
    )
    return row is not None


async def take_back(tx: Tx, org_id: str, person_id: str, *, at: int) -> Row | None:
    """Let a member who was set aside go on, once. What they voted before does not come back to life."""
    return await tx.row(
        "UPDATE memberships SET disabled_at = NULL, counts_from = :at WHERE org_id = :org AND person_id = :person"
        " AND removed_at IS NULL AND disabled_at IS NOT NULL RETURNING person_id",
        org=org_id,
        person=person_id,
        at=at,
    )


async def join(tx: Tx, *, org_id: str, person_id: str, roles: str, at: int, invited_as: str | None = None) -> bool:
    """Make somebody a member, who may have been one before; False where they are one. What is written about the person
    that their invitation made up, `invited_as`, is about them from now on."""
    return bool(
        await tx.execute(
            "INSERT INTO memberships (org_id, person_id, roles, created_at, invited_as)"
            " VALUES (:org, :person, :roles, :at, :invited_as)"
            " ON CONFLICT (org_id, person_id) DO UPDATE SET roles = excluded.roles, created_at = excluded.created_at,"
            " removed_at = NULL, disabled_at = NULL, counts_from = excluded.created_at,"
            " invited_as = excluded.invited_as"
            " WHERE memberships.removed_at IS NOT NULL",
            org=org_id,
            person=person_id,
            roles=roles,
            at=at,
            invited_as=invited_as,
        )
    )


async def with_a_key(tx: Tx, org_id: str, people: list[str]) -> frozenset[str]:
    """Those of these people who joined this organisation, or made it, with a key that they had."""
    rows = await tx.rows(
        "SELECT m.person_id AS id FROM memberships m JOIN orgs o ON o.id = m.org_id WHERE m.org_id = :org"
        " AND m.person_id IN :people AND (o.made_by = m.person_id OR EXISTS (SELECT 1 FROM joinings j"
        " WHERE j.org_id = m.org_id AND j.person_id = m.person_id AND j.state = 'joined'))",
        org=org_id,
        people=In(people),
    )
    return frozenset(str(row["id"]) for row in rows)


async def gone_with_keys(tx: Tx, org_id: str) -> list[Row]:
    """Who was a member and is none any more, of those who ever had a key, with the roles of their last day."""
    return await tx.rows(
        "SELECT m.person_id AS id, m.roles, 1 AS key FROM memberships m WHERE m.org_id = :org"
        " AND m.removed_at IS NOT NULL AND EXISTS (SELECT 1 FROM devices d WHERE d.person_id = m.person_id"
        " AND d.confirmed_at IS NOT NULL)",
        org=org_id,
    )


async def count(tx: Tx, person_id: str) -> int:
    """In how many organisations a person is, also where they are set aside."""
    row = await tx.row(
        "SELECT COUNT(*) AS n FROM memberships WHERE person_id = :person AND removed_at IS NULL", person=person_id
    )
    return 0 if row is None else int(row["n"])


async def every(tx: Tx, person_id: str) -> list[str]:
    """The ids of those organisations."""
    rows = await tx.rows(
        "SELECT org_id FROM memberships WHERE person_id = :person AND removed_at IS NULL ORDER BY org_id",
        person=person_id,
    )
    return [str(row["org_id"]) for row in rows]


async def made_by(tx: Tx, person_id: str) -> int:
    """How many organisations a person has made."""
    row = await tx.row("SELECT COUNT(*) AS n FROM orgs WHERE made_by = :person", person=person_id)
    return 0 if row is None else int(row["n"])
