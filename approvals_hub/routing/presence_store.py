"""SQL of overrides, absences and quiet hours."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

_OVERRIDE = "id, schedule, person_id, since, until, recorded_at, recorded_by"
_ABSENCE = "id, person_id, since, until, delegate_id, recorded_at, recorded_by"


async def overrides(tx: Tx, org_id: str, ending_after: int) -> list[Row]:
    """Those that are not over at an instant, the latest written last."""
    return await tx.rows(
        f"SELECT {_OVERRIDE} FROM schedule_overrides WHERE org_id = :org AND until > :after ORDER BY recorded_at, id",
        org=org_id,
        after=ending_after,
    )


async def add_override(
    tx: Tx, org_id: str, *, override_id: str, schedule: str, person_id: str, since: int, until: int, at: int, by: str
) -> None:
    """Store one."""
    await tx.execute(
        "INSERT INTO schedule_overrides (id, org_id, schedule, person_id, since, until, recorded_at, recorded_by)"
        " VALUES (:id, :org, :schedule, :person, :since, :until, :at, :by)",
        id=override_id,
        org=org_id,
        schedule=schedule,
        person=person_id,
        since=since,
        until=until,
        at=at,
        by=by,
    )


async def end_override(tx: Tx, org_id: str, schedule: str, override_id: str, *, at: int) -> Row | None:
    """End one that is not over."""
    return await tx.row(
        "UPDATE schedule_overrides SET until = :at"
        f" WHERE org_id = :org AND schedule = :schedule AND id = :id AND until > :at RETURNING {_OVERRIDE}",
        org=org_id,
        schedule=schedule,
        id=override_id,
        at=at,
    )


async def drop_overrides(tx: Tx, org_id: str, schedule: str) -> None:
    """With their schedule."""
    await tx.execute(
        "DELETE FROM schedule_overrides WHERE org_id = :org AND schedule = :schedule", org=org_id, schedule=schedule
    )


async def absences(tx: Tx, org_id: str, ending_after: int) -> list[Row]:
    """Those that are not over at an instant."""
    return await tx.rows(
        f"SELECT {_ABSENCE} FROM absences WHERE org_id = :org AND until > :after ORDER BY since, id",
        org=org_id,
        after=ending_after,
    )


async def add_absence(
    tx: Tx,
    org_id: str,
    *,
    absence_id: str,
    person_id: str,
    since: int,
    until: int,
    delegate_id: str | None,
    at: int,
    by: str,
) -> None:
    """Store one."""
    await tx.execute(
        "INSERT INTO absences (id, org_id, person_id, since, until, delegate_id, recorded_at, recorded_by)"
        " VALUES (:id, :org, :person, :since, :until, :delegate, :at, :by)",
        id=absence_id,
        org=org_id,
        person=person_id,
        since=since,
        until=until,
        delegate=delegate_id,
        at=at,
        by=by,
    )


async def end_absence(tx: Tx, org_id: str, absence_id: str, *, at: int) -> Row | None:
    """End one that is not over, before its time; one that has not begun never does."""
    return await tx.row(
        "UPDATE absences SET until = :at, ended_at = :at"
        f" WHERE org_id = :org AND id = :id AND until > :at RETURNING {_ABSENCE}",
        org=org_id,
        id=absence_id,
        at=at,
    )


async def not_taken_back(tx: Tx, org_id: str, absence_ids: list[str]) -> set[str]:
    """Those of these that nobody ended before their time."""
    rows = await tx.rows(
        "SELECT id FROM absences WHERE org_id = :org AND id IN :ids AND ended_at IS NULL",
        org=org_id,
        ids=In(absence_ids),
    )
    return {row["id"] for row in rows}


async def quiet_hours(tx: Tx, org_id: str) -> list[Row]:
    """Everybody's."""
    return await tx.rows("SELECT person_id, hours FROM quiet_hours WHERE org_id = :org ORDER BY person_id", org=org_id)


async def set_quiet_hours(tx: Tx, org_id: str, person_id: str, hours: str, *, at: int) -> None:
    """Replace somebody's."""
    await tx.execute(
        "INSERT INTO quiet_hours (org_id, person_id, hours, changed_at) VALUES (:org, :person, :hours, :at)"
        " ON CONFLICT (org_id, person_id) DO UPDATE SET hours = excluded.hours, changed_at = excluded.changed_at",
        org=org_id,
        person=person_id,
        hours=hours,
        at=at,
    )


async def drop_quiet_hours(tx: Tx, org_id: str, person_id: str) -> None:
    """Take somebody's away."""
    await tx.execute(
        "DELETE FROM quiet_hours WHERE org_id = :org AND person_id = :person", org=org_id, person=person_id
    )
