"""SQL of signals, of who holds them set, and of modes; and of what the hub measures."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_SIGNAL = "name, about, monitors, changed_at, changed_by"
_SETTING = "name, setter, reason, since, until, set_by"


async def signals(tx: Tx, org_id: str) -> list[Row]:
    """All that are declared, by name. There are never more than `SIGNALS_LIMIT`."""
    return await tx.rows(f"SELECT {_SIGNAL} FROM signals WHERE org_id = :org ORDER BY name", org=org_id)


async def signal(tx: Tx, org_id: str, name: str) -> Row | None:
    """One of them."""
    return await tx.row(f"SELECT {_SIGNAL} FROM signals WHERE org_id = :org AND name = :name", org=org_id, name=name)


async def declare(tx: Tx, *, org_id: str, name: str, about: str, monitors: str, at: int, by: str) -> None:
    """Say what it is, and who may set it beside people."""
    await tx.execute(
        "INSERT INTO signals (org_id, name, about, monitors, changed_at, changed_by)"
        " VALUES (:org, :name, :about, :monitors, :at, :by)"
        " ON CONFLICT (org_id, name) DO UPDATE SET about = excluded.about, monitors = excluded.monitors,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        org=org_id,
        name=name,
        about=about,
        monitors=monitors,
        at=at,
        by=by,
    )


async def remove(tx: Tx, org_id: str, name: str) -> None:
    """Declare it no more; nobody holds it set then."""
    await clear(tx, org_id, name, setter=None)
    await tx.execute("DELETE FROM signals WHERE org_id = :org AND name = :name", org=org_id, name=name)


async def settings(tx: Tx, org_id: str, now: int) -> list[Row]:
    """Who holds which signal set now."""
    return await tx.rows(
        f"SELECT {_SETTING} FROM signal_settings WHERE org_id = :org AND (until IS NULL OR until > :now)"
        " ORDER BY name, setter",
        org=org_id,
        now=now,
    )


async def set_signal(
    tx: Tx, *, org_id: str, name: str, setter: str, reason: bytes, at: int, until: int | None, by: str
) -> None:
    """Hold it set from now on; whoever held it so before as the same setter is replaced."""
    await tx.execute(
        "INSERT INTO signal_settings (org_id, name, setter, reason, since, until, set_by)"
        " VALUES (:org, :name, :setter, :reason, :at, :until, :by)"
        " ON CONFLICT (org_id, name, setter) DO UPDATE SET reason = excluded.reason, since = excluded.since,"
        " until = excluded.until, set_by = excluded.set_by",
        org=org_id,
        name=name,
        setter=setter,
        reason=reason,
        at=at,
        until=until,
        by=by,
    )


async def clear(tx: Tx, org_id: str, name: str, *, setter: str | None) -> None:
    """This setter holds it set no more; with None nobody does."""
    await tx.execute(
        "DELETE FROM signal_settings WHERE org_id = :org AND name = :name"
        " AND (CAST(:setter AS TEXT) IS NULL OR setter = :setter)",
        org=org_id,
        name=name,
        setter=setter,
    )


async def standing(tx: Tx, org_id: str, now: int) -> list[str]:
    """The names of the signals that stand, in order."""
    rows = await tx.rows(
        "SELECT DISTINCT name FROM signal_settings WHERE org_id = :org AND (until IS NULL OR until > :now)"
        " ORDER BY name",
        org=org_id,
        now=now,
    )
    return [row["name"] for row in rows]


async def mode(tx: Tx, org_id: str) -> Row | None:
    """The modes of an organisation, and the one that is set."""
    return await tx.row(
        "SELECT known, usual, mode, reason, since, until, set_by FROM modes WHERE org_id = :org", org=org_id
    )


async def define_modes(tx: Tx, *, org_id: str, known: str, usual: str, at: int, by: str) -> None:
    """Say which there are; what is set stays so."""
    await tx.execute(
        "INSERT INTO modes (org_id, known, usual, since, set_by) VALUES (:org, :known, :usual, :at, :by)"
        " ON CONFLICT (org_id) DO UPDATE SET known = excluded.known, usual = excluded.usual",
        org=org_id,
        known=known,
        usual=usual,
        at=at,
        by=by,
    )


async def set_mode(
    tx: Tx, org_id: str, *, mode: str | None, reason: bytes, at: int, until: int | None, by: str
) -> None:
    """Work in this one; None: in the usual one. The modes are defined."""
    await tx.execute(
        "UPDATE modes SET mode = :mode, reason = :reason, since = :at, until = :until, set_by = :by"
        " WHERE org_id = :org",
        org=org_id,
        mode=mode,
        reason=reason,
        at=at,
        until=until,
        by=by,
    )


async def hurried(tx: Tx, org_id: str, *, since: int, most: int) -> int:
    """How many answers came in haste since then; counts no further than `most`."""
    return await _count(
        tx, "SELECT id FROM decisions WHERE org_id = :whose AND at > :since AND hurried = 1", org_id, since, most
    )


async def refused(tx: Tx, agent_id: str, *, since: int, most: int) -> int:
    """How many questions of an agent people refused since then; counts no further than `most`."""
    return await _count(
        tx,
        "SELECT id FROM escalations WHERE agent_id = :whose AND ended_at > :since"
        " AND state IN ('denied', 'not_me') AND cause IS NULL",
        agent_id,
        since,
        most,
    )


async def asked_of_one(tx: Tx, org_id: str, day: int) -> int:
    """How many questions came on that day to whom most came."""
    row = await tx.row("SELECT MAX(count) AS most FROM prompts WHERE org_id = :org AND day = :day", org=org_id, day=day)
    return 0 if row is None or row["most"] is None else int(row["most"])


async def newest_answers(tx: Tx, org_id: str, *, since: int, most: int) -> list[str]:
    """The newest answers since then, newest first."""
    rows = await tx.rows(
        "SELECT decision FROM decisions WHERE org_id = :org AND at > :since AND superseded_at IS NULL"
        " ORDER BY at DESC LIMIT :most",
        org=org_id,
        since=since,
        most=most,
    )
    return [row["decision"] for row in rows]


async def _count(tx: Tx, found: str, whose: str, since: int, most: int) -> int:
    row = await tx.row(
        f"SELECT COUNT(*) AS count FROM ({found} LIMIT :most) AS found", whose=whose, since=since, most=most
    )
    return 0 if row is None else int(row["count"])
