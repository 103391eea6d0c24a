"""SQL of the facts about an open question, by which it is worked out who is told of it, and who stands in."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In


async def answered(tx: Tx, escalation_id: str) -> dict[str, int]:
    """Person → when their first answer came."""
    rows = await tx.rows(
        "SELECT approver_id, MIN(at) AS at FROM decisions WHERE escalation_id = :id GROUP BY approver_id",
        id=escalation_id,
    )
    return {row["approver_id"]: row["at"] for row in rows}


async def shown_to(tx: Tx, escalation_id: str) -> set[str]:
    """Whose inbox shows it: whoever was disabled or removed is not among them."""
    rows = await tx.rows("SELECT person_id FROM inbox WHERE escalation_id = :id", id=escalation_id)
    return {row["person_id"] for row in rows}


async def hand_overs(tx: Tx, escalation_id: str) -> list[Row]:
    """Who had somebody else told of it instead, in order."""
    return await tx.rows(
        "SELECT person_id, to_id, at FROM hand_overs WHERE escalation_id = :id ORDER BY at, person_id",
        id=escalation_id,
    )


async def handed_to(tx: Tx, person_id: str, escalation_ids: list[str]) -> set[str]:
    """Which of these questions somebody handed over to this person."""
    rows = await tx.rows(
        "SELECT escalation_id FROM hand_overs WHERE escalation_id IN :ids AND to_id = :person",
        ids=In(escalation_ids),
        person=person_id,
    )
    return {row["escalation_id"] for row in rows}


async def hand_over_by(tx: Tx, escalation_id: str, person_id: str) -> Row | None:
    """To whom this person handed it over."""
    return await tx.row(
        "SELECT escalation_id, person_id, to_id, at FROM hand_overs WHERE escalation_id = :id AND person_id = :person",
        id=escalation_id,
        person=person_id,
    )


async def add_hand_over(
    tx: Tx, *, hand_over_id: str, org_id: str, escalation_id: str, person_id: str, to_id: str, at: int
) -> None:
    """Keep it: a person hands a question over once."""
    await tx.execute(
        "INSERT INTO hand_overs (id, org_id, escalation_id, person_id, to_id, at)"
        " VALUES (:id, :org, :escalation, :person, :to, :at)",
        id=hand_over_id,
        org=org_id,
        escalation=escalation_id,
        person=person_id,
        to=to_id,
        at=at,
    )


async def stood_in(tx: Tx, escalation_id: str, person_id: str) -> str | None:
    """In whose places this person's present answer was given."""
    row = await tx.row(
        "SELECT stands_in FROM decisions WHERE escalation_id = :id AND approver_id = :person AND superseded_at IS NULL",
        id=escalation_id,
        person=person_id,
    )
    return None if row is None else row["stands_in"]


async def answered_of(tx: Tx, escalation_ids: list[str], people: list[str]) -> set[tuple[str, str]]:
    """(question, person) of those of these people who answered, themselves and with a device that still counts."""
    rows = await tx.rows(
        "SELECT d.escalation_id, d.approver_id FROM decisions d JOIN devices v ON v.id = d.device_id"
        " WHERE d.escalation_id IN :ids AND d.approver_id IN :people AND d.superseded_at IS NULL"
        " AND v.state = 'active'",
        ids=In(escalation_ids),
        people=In(people),
    )
    return {(row["escalation_id"], row["approver_id"]) for row in rows}
