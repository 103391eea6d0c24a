"""SQL of the inbox: one line for each frozen person of an open question."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.domain.requirement import stored
from approvals_hub.escalations.escalation import STORED, Escalation, of


async def put(tx: Tx, *, people: tuple[str, ...], escalation_id: str, org_id: str, expires_at: int) -> None:
    """Show an open question to the people who may answer it."""
    await tx.execute(
        "INSERT INTO inbox (person_id, escalation_id, org_id, expires_at)"
        " SELECT id, :id, :org, CAST(:expires AS INTEGER) FROM people WHERE id IN :people",
        people=In(people),
        id=escalation_id,
        org=org_id,
        expires=expires_at,
    )


async def readers(tx: Tx, escalation_id: str) -> list[str]:
    """Whose inbox shows it."""
    rows = await tx.rows("SELECT person_id FROM inbox WHERE escalation_id = :id", id=escalation_id)
    return [row["person_id"] for row in rows]


async def close(tx: Tx, escalation_id: str) -> list[str]:
    """Take an ended question out of every inbox; returns whose inboxes showed it."""
    rows = await tx.rows("DELETE FROM inbox WHERE escalation_id = :id RETURNING person_id", id=escalation_id)
    return [row["person_id"] for row in rows]


async def waiting(tx: Tx, *, person_id: str, org_id: str, now: int, limit: int) -> list[Escalation]:
    """What waits for this person, the soonest to expire first."""
    columns = ", ".join(f"e.{name}" for name in STORED)
    rows = await tx.rows(
        f"SELECT {columns} FROM inbox i JOIN escalations e ON e.id = i.escalation_id"
        " WHERE i.person_id = :person AND i.org_id = :org AND i.expires_at > :now AND e.state = 'open'"
        " ORDER BY i.expires_at, e.id LIMIT :limit",
        person=person_id,
        org=org_id,
        now=now,
        limit=limit,
    )
    return [of(row) for row in rows]


async def waiting_for(
    tx: Tx, *, people: tuple[str, ...], org_id: str, now: int, limit: int
) -> list[tuple[str, Escalation]]:
    """What waits for any of these people, with whom it waits for, the soonest to expire first."""
    columns = ", ".join(f"e.{name}" for name in STORED)
    rows = await tx.rows(
        f"SELECT i.person_id AS whose, {columns} FROM inbox i JOIN escalations e ON e.id = i.escalation_id"
        " WHERE i.person_id IN :people AND i.org_id = :org AND i.expires_at > :now AND e.state = 'open'"
        " ORDER BY i.expires_at, e.id, i.person_id LIMIT :limit",
        people=In(people),
        org=org_id,
        now=now,
        limit=limit,
    )
    return [(row["whose"], of({name: row[name] for name in STORED})) for row in rows]


async def leave(tx: Tx, *, person_id: str, escalation_ids: list[str] | None = None) -> None:
    """Take one person's inbox away, or lines of it."""
    if escalation_ids is None:
        await tx.execute("DELETE FROM inbox WHERE person_id = :person", person=person_id)
    else:
        await tx.execute(
            "DELETE FROM inbox WHERE person_id = :person AND escalation_id IN :ids",
            person=person_id,
            ids=In(escalation_ids),
        )


async def lines_of(tx: Tx, *, people: list[str], org_id: str) -> list[tuple[str, Row]]:
    """Every line of these people in an organisation, with what says whether its question asks them."""
    rows = await tx.rows(
        "SELECT i.person_id, e.id, e.requirement, e.stage, e.created_at, e.beside"
        " FROM inbox i JOIN escalations e ON e.id = i.escalation_id"
        " WHERE i.person_id IN :people AND i.org_id = :org AND e.state = 'open' ORDER BY i.person_id, e.id",
        people=In(people),
        org=org_id,
    )
    return [(row["person_id"], row) for row in rows]


async def left_behind(tx: Tx, *, person_id: str, now: int) -> list[Row]:
    """The open questions in whose frozen requirement this person stands, in a stage that has begun, and which their
    inbox lacks."""
    rows = await tx.rows(
        # The pattern finds few; who is frozen is read from the requirement, as an id may stand in another member too.
        "SELECT id, org_id, requirement, stage, created_at, beside FROM escalations"
        " WHERE state = 'open' AND expires_at > :now AND requirement LIKE :frozen ESCAPE '!' AND id NOT IN"
        " (SELECT escalation_id FROM inbox WHERE person_id = :person) ORDER BY id",
        person=person_id,
        frozen='%"' + person_id.replace("_", "!_") + '"%',
        now=now,
    )
    return [row for row in rows if person_id in stored(row["requirement"]).asked_at(row["stage"])]


async def put_back(tx: Tx, *, person_id: str, escalation_id: str) -> None:
    """Show a question again, as long as it is open."""
    await tx.execute(
        "INSERT INTO inbox (person_id, escalation_id, org_id, expires_at)"
        " SELECT CAST(:person AS TEXT), id, org_id, expires_at FROM escalations WHERE id = :id AND state = 'open'"
        " ON CONFLICT DO NOTHING",
        person=person_id,
        id=escalation_id,
    )
