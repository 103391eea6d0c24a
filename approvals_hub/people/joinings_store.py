"""SQL of joinings: people who are on this hub already and follow an invitation with their own key."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_COLUMNS = "j.id, j.org_id, j.invite_id, j.invited_id, j.person_id, j.digits, j.state, j.created_at, j.expires_at"


async def add(
    tx: Tx,
    *,
    joining_id: str,
    org_id: str,
    invite_id: str,
    invited_id: str,
    person_id: str,
    digits: str,
    at: int,
    expires_at: int,
) -> None:
    """Store one that waits for whoever may invite; an older one of the person there ends."""
    await end_of(tx, org_id, person_id, at=at)
    await tx.execute(
        "INSERT INTO joinings (id, org_id, invite_id, invited_id, person_id, digits, state, created_at, expires_at)"
        " VALUES (:id, :org, :invite, :invited, :person, :digits, 'pending', :at, :expires)",
        id=joining_id,
        org=org_id,
        invite=invite_id,
        invited=invited_id,
        person=person_id,
        digits=digits,
        at=at,
        expires=expires_at,
    )


async def find(tx: Tx, org_id: str, joining_id: str) -> Row | None:
    """One of an organisation."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM joinings j WHERE j.id = :id AND j.org_id = :org", id=joining_id, org=org_id
    )


async def of_person(tx: Tx, person_id: str, joining_id: str) -> Row | None:
    """One of a person's own, in whichever organisation."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM joinings j WHERE j.id = :id AND j.person_id = :person", id=joining_id, person=person_id
    )


async def pending(tx: Tx, org_id: str, now: int) -> list[Row]:
    """Those that wait in an organisation, with the names that people go by."""
    return await tx.rows(
        f"SELECT {_COLUMNS}, p.name AS person_name, i.name AS invited_name FROM joinings j"
        " JOIN people p ON p.id = j.person_id JOIN people i ON i.id = j.invited_id"
        " WHERE j.org_id = :org AND j.state = 'pending' AND j.expires_at > :now ORDER BY j.id",
        org=org_id,
        now=now,
    )


async def count_wrong(tx: Tx, joining_id: str) -> int:
    """Count wrong digits; how many there were."""
    row = await tx.row(
        "UPDATE joinings SET wrong_digits = wrong_digits + 1 WHERE id = :id RETURNING wrong_digits", id=joining_id
    )
    return 0 if row is None else int(row["wrong_digits"])


async def finish(tx: Tx, joining_id: str, *, state: str, at: int, by: str | None = None) -> Row | None:
    """End a pending one, once: `joined`, let in by whom, or `ended`."""
    return await tx.row(
        "UPDATE joinings SET state = :state, ended_at = :at, digits = NULL, let_in_by = :by"
        " WHERE id = :id AND state = 'pending' RETURNING person_id",
        id=joining_id,
        state=state,
        at=at,
        by=by,
    )


async def end_of(tx: Tx, org_id: str, person_id: str, *, at: int) -> None:
    """End whatever of a person waits in an organisation."""
    await tx.execute(
        "UPDATE joinings SET state = 'ended', ended_at = :at, digits = NULL"
        " WHERE org_id = :org AND person_id = :person AND state = 'pending'",
        org=org_id,
        person=person_id,
        at=at,
    )
