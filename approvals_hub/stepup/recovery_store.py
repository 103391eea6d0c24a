"""SQL of recoveries, and of what they ask about people and keys."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.orgs.store import MEMBER_STATE
from approvals_hub.stepup.recovery import COLUMNS, Recovery, of


async def add(tx: Tx, **columns: object) -> None:
    """Store a new, open recovery. A second live one of the same person is an integrity error."""
    await tx.execute(
        "INSERT INTO recoveries (id, org_id, person_id, way, state, opened_by, invite_id, wait, usable_from,"
        " expires_at, opened_at, epoch)"
        " VALUES (:id, :org_id, :person_id, :way, 'open', :opened_by, :invite_id, :wait, :usable_from, :expires_at,"
        " :opened_at, :epoch)",
        **columns,
    )


async def find(tx: Tx, recovery_id: str) -> Recovery | None:
    """One recovery."""
    row = await tx.row(f"SELECT {COLUMNS} FROM recoveries WHERE id = :id", id=recovery_id)
    return None if row is None else of(row)


async def of_invite(tx: Tx, invite_id: str) -> Recovery | None:
    """The recovery that a link or a session belongs to."""
    row = await tx.row(f"SELECT {COLUMNS} FROM recoveries WHERE invite_id = :invite", invite=invite_id)
    return None if row is None else of(row)


async def live_of_person(tx: Tx, person_id: str) -> Recovery | None:
    """The one that a person is in."""
    row = await tx.row(
        f"SELECT {COLUMNS} FROM recoveries WHERE person_id = :person AND state IN ('open', 'waiting')",
        person=person_id,
    )
    return None if row is None else of(row)


async def of_person(tx: Tx, person_id: str, limit: int) -> list[Recovery]:
    """A person's recoveries, newest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM recoveries WHERE person_id = :person ORDER BY id DESC LIMIT :limit",
        person=person_id,
        limit=limit,
    )
    return [of(row) for row in rows]


async def of_org(tx: Tx, org_id: str, limit: int) -> list[Recovery]:
    """An organisation's recoveries, newest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM recoveries WHERE org_id = :org ORDER BY id DESC LIMIT :limit", org=org_id, limit=limit
    )
    return [of(row) for row in rows]


async def enrolled(tx: Tx, recovery_id: str, *, device_id: str, counts_at: int, expires_at: int) -> Recovery | None:
    """Its key is there and waits from now on; None where it takes none any more."""
    row = await tx.row(
        "UPDATE recoveries SET state = 'waiting', device_id = :device, counts_at = :counts, expires_at = :expires"
        f" WHERE id = :id AND state IN ('open', 'waiting') AND escalation_id IS NULL RETURNING {COLUMNS}",
        id=recovery_id,
        device=device_id,
        counts=counts_at,
        expires=expires_at,
    )
    return None if row is None else of(row)


async def followed(tx: Tx, recovery_id: str, *, expires_at: int) -> None:
    """Its link was followed: the key must come by then."""
    await tx.execute(
        "UPDATE recoveries SET expires_at = :expires WHERE id = :id AND state = 'open'",
        id=recovery_id,
        expires=expires_at,
    )


async def asked(tx: Tx, recovery_id: str, *, device_id: str, escalation_id: str) -> bool:
    """Colleagues are asked about this very key, once."""
    return bool(
        await tx.execute(
            "UPDATE recoveries SET escalation_id = :escalation WHERE id = :id AND state = 'waiting'"
            " AND device_id = :device AND escalation_id IS NULL",
            id=recovery_id,
            device=device_id,
            escalation=escalation_id,
        )
    )


async def hurry(tx: Tx, recovery_id: str, *, until: int | None) -> None:
    """Cut the waiting time of an approved key short until then, or not any more."""
    await tx.execute(
        "UPDATE recoveries SET hurried_until = :until WHERE id = :id AND state IN ('open', 'waiting')",
        id=recovery_id,
        until=until,
    )


async def end(tx: Tx, recovery_id: str, *, state: str, cause: str | None, by: str, at: int) -> Recovery | None:
    """Complete or end a live one, once."""
    row = await tx.row(
        "UPDATE recoveries SET state = :state, cause = :cause, ended_by = :by, ended_at = :at"
        f" WHERE id = :id AND state IN ('open', 'waiting') RETURNING {COLUMNS}",
        id=recovery_id,
        state=state,
        cause=cause,
        by=by,
        at=at,
    )
    return None if row is None else of(row)


async def to_ask(tx: Tx, limit: int) -> list[Recovery]:
    """Those whose key is there and whose colleagues were not asked yet, oldest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM recoveries WHERE state = 'waiting' AND way = 'colleagues' AND escalation_id IS NULL"
        " ORDER BY id LIMIT :limit",
        limit=limit,
    )
    return [of(row) for row in rows]


async def due(tx: Tx, now: int, limit: int) -> list[Recovery]:
    """Those with something to be done about: the time is over, colleagues have answered, or the key is gone."""
    columns = ", ".join(f"r.{name}" for name in Recovery.__struct_fields__)
    rows = await tx.rows(
        f"SELECT {columns} FROM recoveries r LEFT JOIN escalations e ON e.id = r.escalation_id"
        " LEFT JOIN devices d ON d.id = r.device_id"
        " WHERE r.state IN ('open', 'waiting') AND (r.expires_at <= :now OR d.state <> 'pending'"
        " OR (r.way <> 'colleagues' AND r.counts_at <= :now)"
        " OR (r.way = 'colleagues' AND e.state = 'approved' AND (r.counts_at <= :now OR r.hurried_until > :now"
        " OR e.token_state <> 'ready'))"
        " OR (r.way = 'colleagues' AND e.state <> 'open' AND e.state <> 'approved'))"
        " ORDER BY r.id LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [of(row) for row in rows]


async def activate(tx: Tx, device_id: str, *, recovery_id: str, at: int) -> bool:
    """Let the pending key of this recovery sign, once."""
    return bool(
        await tx.execute(
            "UPDATE devices SET state = 'active', digits = NULL, confirmed_at = :at, confirmed_by = :recovery"
            " WHERE id = :id AND state = 'pending' AND recovery_id = :recovery",
            id=device_id,
            recovery=recovery_id,
            at=at,
        )
    )


async def people_of_email(tx: Tx, email: str, limit: int) -> list[str]:
    """The ids of active people with this address, whichever way its letters are written."""
    rows = await tx.rows(
        "SELECT id FROM people WHERE LOWER(email) = LOWER(CAST(:email AS TEXT)) AND state = 'active'"
        " ORDER BY id LIMIT :limit",
        email=email,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def colleagues(tx: Tx, org_id: str, issuer_id: str) -> list[Row]:
    """Every member: how many keys and passkeys of theirs may sign, and since when they are a member with a key.

    Whoever joins with an old key is new here.
    `let_in`: 1 where the issuer of a link invited them, confirmed a key of theirs or let them join, else 0.
    """
    return await tx.rows(
        f"SELECT p.id, {MEMBER_STATE} AS state, m.roles, COUNT(CASE WHEN d.state = 'active' THEN 1 END) AS keys,"
        " COUNT(CASE WHEN d.state = 'active' AND d.kind = 'passkey' THEN 1 END) AS passkeys,"
        " CASE WHEN m.created_at > MIN(d.confirmed_at) THEN m.created_at ELSE MIN(d.confirmed_at) END AS since,"
        " MAX(CASE WHEN d.invited_by = :issuer OR d.confirmed_by = :issuer OR EXISTS ("
        "SELECT 1 FROM joinings j JOIN person_invites i ON i.id = j.invite_id WHERE j.org_id = m.org_id"
        " AND j.person_id = p.id AND j.state = 'joined' AND (j.let_in_by = :issuer OR i.invited_by = :issuer)"
        ") THEN 1 ELSE 0 END) AS let_in"
        " FROM memberships m JOIN people p ON p.id = m.person_id"
        " LEFT JOIN devices d ON d.person_id = p.id WHERE m.org_id = :org AND m.removed_at IS NULL"
        " GROUP BY p.id, p.state, m.org_id, m.disabled_at, m.roles, m.created_at ORDER BY p.id",
        org=org_id,
        issuer=issuer_id,
    )
