"""SQL of tellings: who is told what, where, and how far that has come."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications.telling import ENDED, OPENED, ROOM

_COLUMNS = (
    "id, org_id, kind, escalation_id, person_id, contact_id, channel, lane, due_at, expires_at, attempts, send_at"
)


async def add(
    tx: Tx,
    *,
    telling_id: str,
    org_id: str,
    kind: str,
    escalation_id: str | None,
    person_id: str,
    contact_id: str,
    channel: str,
    lane: str,
    level: int,
    reason: str,
    replaces: bool,
    due_at: int,
    expires_at: int,
) -> bool:
    """Have it sent, once: False where it was told before."""
    return bool(
        await tx.execute(
            "INSERT INTO tellings (id, org_id, kind, escalation_id, person_id, contact_id, channel, lane, level,"
            " reason, replaces, due_at, expires_at, state, attempts, send_at) VALUES (:id, :org, :kind, :escalation,"
            " :person, :contact, :channel, :lane, :level, :reason, :replaces, :due, :expires, 'waiting', 0, :due)"
            " ON CONFLICT DO NOTHING",
            id=telling_id,
            org=org_id,
            kind=kind,
            escalation=escalation_id,
            person=person_id,
            contact=contact_id,
            channel=channel,
            lane=lane,
            level=level,
            reason=reason,
            replaces=int(replaces),
            due=due_at,
            expires=expires_at,
        )
    )


async def of_escalation(tx: Tx, escalation_id: str) -> list[Row]:
    """What was told of a question, in order."""
    return await tx.rows(
        "SELECT id, kind, person_id, contact_id, channel, reason, due_at, state, attempts, send_at, settled_at,"
        " provider_id FROM tellings WHERE escalation_id = :id ORDER BY due_at, id",
        id=escalation_id,
    )


async def find(tx: Tx, telling_id: str) -> Row | None:
    """One telling."""
    return await tx.row(
        "SELECT id, org_id, kind, escalation_id, person_id, state FROM tellings WHERE id = :id", id=telling_id
    )


async def due_lanes(tx: Tx) -> list[Row]:
    """When something is to be sent next in each lane, or is asked about by whoever comes after a crash."""
    # From one lane to the next by the index: GROUP BY reads every row that waits, at every look.
    return await tx.rows(
        "WITH RECURSIVE lanes (lane) AS (SELECT MIN(lane) FROM tellings WHERE send_at IS NOT NULL UNION ALL"
        " SELECT (SELECT MIN(t.lane) FROM tellings t WHERE t.send_at IS NOT NULL AND t.lane > lanes.lane) FROM lanes"
        " WHERE lanes.lane IS NOT NULL) SELECT lane, (SELECT MIN(t.send_at) FROM tellings t"
        " WHERE t.lane = lanes.lane AND t.send_at IS NOT NULL) AS at FROM lanes WHERE lane IS NOT NULL"
    )


async def claim(tx: Tx, *, lane: str, now: int, until: int, limit: int) -> list[Row]:
    """Tellings of one lane to be sent now; nobody else sends them before `until`. What was never tried goes first:
    an address that has failed before keeps no other waiting."""
    return await tx.rows(
        "UPDATE tellings SET send_at = :until, attempts = attempts + 1 WHERE id IN (SELECT id FROM tellings"
        " WHERE lane = :lane AND send_at IS NOT NULL AND send_at <= :now ORDER BY attempts, send_at LIMIT :limit)"
        f" AND send_at <= :now RETURNING {_COLUMNS}",
        lane=lane,
        now=now,
        until=until,
        limit=limit,
    )


async def settle(tx: Tx, telling_id: str, *, state: str, provider_id: str | None, at: int) -> None:
    """It was sent, or never will be. What a vendor took is sent, also where its question has ended meanwhile."""
    await tx.execute(
        "UPDATE tellings SET state = :state, provider_id = :provider, settled_at = :at, send_at = NULL"
        " WHERE id = :id AND (state = 'waiting' OR (:state = 'sent' AND state <> 'sent'))",
        id=telling_id,
        state=state,
        provider=provider_id,
        at=at,
    )


async def fail_channel(tx: Tx, channel: str, *, at: int) -> list[str]:
    """What waits for a channel that is gone never arrives; the questions that it was about."""
    rows = await tx.rows(
        "UPDATE tellings SET state = 'failed', settled_at = :at, send_at = NULL"
        " WHERE channel = :channel AND send_at IS NOT NULL RETURNING escalation_id",
        channel=channel,
        at=at,
    )
    return sorted({row["escalation_id"] for row in rows if row["escalation_id"] is not None})


async def try_again(tx: Tx, telling_id: str, *, attempts: int, at: int) -> None:
    """Again then; by whoever made the last attempt."""
    await tx.execute(
        "UPDATE tellings SET send_at = :at WHERE id = :id AND attempts = :attempts AND state = 'waiting'",
        id=telling_id,
        attempts=attempts,
        at=at,
    )


async def extend(tx: Tx, escalation_id: str, *, expires_at: int) -> None:
    """What waits to be sent about a question may be sent until its new end."""
    await tx.execute(
        "UPDATE tellings SET expires_at = :expires WHERE escalation_id = :id AND state = 'waiting'",
        id=escalation_id,
        expires=expires_at,
    )


async def cancel(tx: Tx, escalation_id: str, *, at: int) -> None:
    """Nothing more is sent that asks for an answer."""
    await tx.execute(
        "UPDATE tellings SET state = 'cancelled', send_at = NULL, settled_at = :at"
        " WHERE escalation_id = :id AND state = 'waiting' AND kind = :kind",
        id=escalation_id,
        kind=OPENED,
        at=at,
    )


async def cancel_person(tx: Tx, escalation_id: str, person_id: str, *, at: int) -> None:
    """Nothing more is sent to this person that asks for an answer to this question."""
    await tx.execute(
        "UPDATE tellings SET state = 'cancelled', send_at = NULL, settled_at = :at"
        " WHERE escalation_id = :id AND person_id = :person AND state = 'waiting' AND kind = :kind",
        id=escalation_id,
        person=person_id,
        kind=OPENED,
        at=at,
    )


async def replace(tx: Tx, escalation_id: str, *, at: int, until: int) -> int:
    """Tell whoever may have the question on a screen that it is over, once at each address, except the device that
    answered. Only where the later message takes the earlier one's place."""
    return await tx.execute(
        "INSERT INTO tellings (id, org_id, kind, escalation_id, person_id, contact_id, channel, lane, level,"
        " reason, replaces, due_at, expires_at, state, attempts, send_at)"
        " SELECT 'end_' || substr(MIN(t.id), 5), t.org_id, CAST(:ended AS TEXT), t.escalation_id, t.person_id,"
        " t.contact_id, t.channel, t.lane, 0, 'ended', 1, CAST(:at AS INTEGER), CAST(:until AS INTEGER), 'waiting', 0,"
        " CAST(:at AS INTEGER) FROM tellings t JOIN contacts c ON c.id = t.contact_id"
        " WHERE t.escalation_id = :id AND t.kind = :opened AND t.replaces = 1 AND t.attempts > 0"
        " AND t.state <> 'failed' AND (c.device_id IS NULL OR c.device_id NOT IN"
        " (SELECT d.device_id FROM decisions d WHERE d.escalation_id = :id))"
        " GROUP BY t.org_id, t.escalation_id, t.person_id, t.contact_id, t.channel, t.lane"
        " ON CONFLICT DO NOTHING",
        id=escalation_id,
        opened=OPENED,
        ended=ENDED,
        at=at,
        until=until,
    )


async def end_rooms(tx: Tx, escalation_id: str, *, at: int, until: int) -> int:
    """Tell the rooms that may have heard of the question that it is over: nothing there takes another's place."""
    return await tx.execute(
        "INSERT INTO tellings (id, org_id, kind, escalation_id, person_id, contact_id, channel, lane, level,"
        " reason, replaces, due_at, expires_at, state, attempts, send_at)"
        " SELECT 'end_' || substr(MIN(id), 5), org_id, CAST(:ended AS TEXT), escalation_id, person_id, contact_id,"
        " channel, lane, 0, 'ended', 0, CAST(:at AS INTEGER), CAST(:until AS INTEGER), 'waiting', 0,"
        " CAST(:at AS INTEGER) FROM tellings WHERE escalation_id = :id AND kind = :opened AND reason = :room"
        " AND attempts > 0 AND state <> 'failed'"
        " GROUP BY org_id, escalation_id, person_id, contact_id, channel, lane ON CONFLICT DO NOTHING",
        id=escalation_id,
        opened=OPENED,
        ended=ENDED,
        room=ROOM,
        at=at,
        until=until,
    )


async def about(tx: Tx, telling_id: str) -> Row | None:
    """What is said of the question of a telling: who asks, where, how it stands. None where it is about none."""
    return await tx.row(
        "SELECT e.state, e.expires_at, e.requirement, e.ended_by, o.name AS org_name, o.disclosure,"
        " a.name AS agent_name, p.name AS ended_by_name, me.least_said FROM tellings t"
        " JOIN escalations e ON e.id = t.escalation_id JOIN orgs o ON o.id = e.org_id"
        " LEFT JOIN agents a ON a.id = e.agent_id"
        " LEFT JOIN people p ON p.id = e.ended_by LEFT JOIN people me ON me.id = t.person_id WHERE t.id = :id",
        id=telling_id,
    )


async def waiting(tx: Tx, telling_id: str) -> int:
    """How many open questions the person of a telling has not answered, in its organisation: 99 at most."""
    row = await tx.row(
        "SELECT COUNT(*) AS count FROM (SELECT 1 AS one FROM tellings t JOIN inbox i ON i.person_id = t.person_id"
        " AND i.org_id = t.org_id JOIN escalations e ON e.id = i.escalation_id WHERE t.id = :id AND e.state = 'open'"
        " AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.escalation_id = e.id AND d.approver_id = t.person_id"
        " AND d.superseded_at IS NULL) LIMIT 99) AS them",
        id=telling_id,
    )
    return 0 if row is None else int(row["count"])


async def org_name(tx: Tx, org_id: str) -> str:
    """What an organisation is called."""
    row = await tx.row("SELECT name FROM orgs WHERE id = :id", id=org_id)
    return "" if row is None else str(row["name"])


async def keep_attempt(tx: Tx, **columns: object) -> None:
    """A line of the delivery log."""
    await tx.execute(
        "INSERT INTO delivery_attempts (id, org_id, telling_id, escalation_id, person_id, at, channel, recipient,"
        " attempt, status, provider_id, latency_ms, said) VALUES (:id, :org_id, :telling_id, :escalation_id,"
        " :person_id, :at, :channel, :recipient, :attempt, :status, :provider_id, :latency_ms, :said)",
        **columns,
    )


async def keep_receipt(
    tx: Tx,
    *,
    receipt_id: str,
    org_id: str,
    escalation_id: str | None,
    person_id: str,
    telling_id: str | None,
    kind: str,
    at: int,
) -> bool:
    """What a device said; True the first time."""
    return bool(
        await tx.execute(
            "INSERT INTO telling_receipts (id, org_id, escalation_id, person_id, telling_id, kind, at)"
            " VALUES (:id, :org, :escalation, :person, :telling, :kind, :at) ON CONFLICT DO NOTHING",
            id=receipt_id,
            org=org_id,
            escalation=escalation_id,
            person=person_id,
            telling=telling_id,
            kind=kind,
            at=at,
        )
    )


async def receipts_of(tx: Tx, escalation_id: str) -> list[Row]:
    """All that devices and people said of a question, and what is known not to have arrived."""
    return await tx.rows(
        "SELECT person_id, telling_id, kind, at FROM telling_receipts WHERE escalation_id = :id UNION ALL"
        " SELECT person_id, id AS telling_id, 'failed' AS kind, settled_at AS at FROM tellings"
        " WHERE escalation_id = :id AND state = 'failed' AND kind = :opened AND person_id <> '' ORDER BY at",
        id=escalation_id,
        opened=OPENED,
    )


async def receipts(tx: Tx, telling_id: str) -> dict[str, int]:
    """Kind → when, of one telling."""
    rows = await tx.rows("SELECT kind, at FROM telling_receipts WHERE telling_id = :id", id=telling_id)
    return {row["kind"]: row["at"] for row in rows}


async def forget_old(tx: Tx, *, before: int, limit: int) -> int:
    """Drop what was told and acknowledged long ago; nothing of a question that is open."""
    dropped = 0
    for table, age in (("tellings", "expires_at"), ("telling_receipts", "at")):
        dropped += await tx.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT x.id FROM {table} x LEFT JOIN escalations e"
            " ON e.id = x.escalation_id AND e.state = 'open'"
            f" WHERE x.{age} < :before AND e.id IS NULL LIMIT :limit)",
            before=before,
            limit=limit,
        )
    return dropped
