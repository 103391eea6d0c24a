"""SQL of sign-ins: where they came from, and the entries, sessions and people that a report of them is made of."""

from __future__ import annotations

from collections.abc import Sequence

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

SIGN_INS = ("session.opened", "session.refused")
"""The kinds of event that a report of sign-ins is about."""


async def add(tx: Tx, *, org_id: str, person_id: str, visit: str, at: int, sealed: bytes) -> None:
    """Keep a visit; one that is kept already stays."""
    await tx.execute(
        "INSERT INTO visits (org_id, person_id, visit, at, sealed) VALUES (:org, :person, :visit, :at, :sealed)"
        " ON CONFLICT (org_id, person_id, visit) DO NOTHING",
        org=org_id,
        person=person_id,
        visit=visit,
        at=at,
        sealed=sealed,
    )


async def kept(tx: Tx, org_id: str, visits: Sequence[str]) -> dict[tuple[str, str], bytes]:
    """The sealed visits of an organisation, by person and commitment."""
    if not visits:
        return {}
    rows = await tx.rows(
        "SELECT person_id, visit, sealed FROM visits WHERE org_id = :org AND visit IN :visits",
        org=org_id,
        visits=In(list(visits)),
    )
    return {(row["person_id"], row["visit"]): bytes(row["sealed"]) for row in rows}


async def sign_ins(
    tx: Tx, org_id: str, first: int, end: int, *, since: int | None, until: int | None, person: str | None, limit: int
) -> list[tuple[int, bytes]]:
    """The sealed entries of sign-ins with indexes from `first` up to `end`, in the log's order: index and bytes."""
    rows = await tx.rows(
        "SELECT idx, body FROM audit_entries WHERE org_id = :org AND idx >= :first AND idx < :end AND kind IN :kinds"
        " AND (CAST(:since AS INTEGER) IS NULL OR at >= :since) AND (CAST(:until AS INTEGER) IS NULL OR at < :until)"
        " AND (CAST(:person AS TEXT) IS NULL OR actor_id = :person) ORDER BY idx LIMIT :limit",
        org=org_id,
        first=first,
        end=end,
        kinds=In(list(SIGN_INS)),
        since=since,
        until=until,
        person=person,
        limit=limit,
    )
    return [(row["idx"], bytes(row["body"])) for row in rows]


async def sessions_of(tx: Tx, org_id: str, session_ids: Sequence[str]) -> dict[str, Row]:
    """When these sessions of an organisation were last used, are over and were ended, by id."""
    if not session_ids:
        return {}
    rows = await tx.rows(
        "SELECT id, last_seen_at, expires_at, ended_at FROM sessions WHERE org_id = :org AND id IN :ids",
        org=org_id,
        ids=In(list(session_ids)),
    )
    return {row["id"]: row for row in rows}


async def names_of(tx: Tx, org_id: str, person_ids: Sequence[str]) -> dict[str, str]:
    """The names of those of these people who are in the organisation, by id."""
    if not person_ids:
        return {}
    rows = await tx.rows(
        "SELECT p.id, p.name FROM people p JOIN memberships m ON m.person_id = p.id WHERE m.org_id = :org"
        " AND p.id IN :ids",
        org=org_id,
        ids=In(list(person_ids)),
    )
    return {row["id"]: row["name"] for row in rows}
