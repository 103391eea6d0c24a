"""SQL of the delivery log: every attempt to tell somebody, read page by page and counted by channel.

Attempt 0 is a test of values that were not saved: it is shown, and says nothing of how the saved channel does.
"""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_COLUMNS = (
    "id, at, telling_id, escalation_id, person_id, channel, recipient, attempt, status, provider_id, latency_ms, said"
)


async def page(
    tx: Tx,
    *,
    org_id: str,
    escalation_id: str | None,
    person_id: str | None,
    channels: tuple[str, str] | None,
    status: str | None,
    since: int | None,
    until: int | None,
    before: str | None,
    limit: int,
) -> list[Row]:
    """Attempts of an organisation, newest first; `channels` are both keys that a name may stand for."""
    one, other = channels or (None, None)
    return await tx.rows(
        f"SELECT {_COLUMNS} FROM delivery_attempts WHERE org_id = :org"
        " AND (CAST(:escalation AS TEXT) IS NULL OR escalation_id = :escalation)"
        " AND (CAST(:person AS TEXT) IS NULL OR person_id = :person)"
        " AND (CAST(:one AS TEXT) IS NULL OR channel = :one OR channel = :other)"
        " AND (CAST(:status AS TEXT) IS NULL OR status = :status)"
        " AND (CAST(:since AS INTEGER) IS NULL OR at >= :since) AND (CAST(:until AS INTEGER) IS NULL OR at < :until)"
        " AND (CAST(:before AS TEXT) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        org=org_id,
        escalation=escalation_id,
        person=person_id,
        one=one,
        other=other,
        status=status,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )


async def told(tx: Tx, org_id: str, delivery_id: str) -> Row | None:
    """What an attempt of this organisation told, and how its question stands: `ends_at` in milliseconds. Without a
    `telling_id` where that was a test, or is forgotten; without a `question` where it was about none."""
    return await tx.row(
        "SELECT t.id AS telling_id, t.kind, t.escalation_id, t.person_id, t.contact_id, t.channel, t.state,"
        " t.attempts, e.state AS question, e.expires_at AS ends_at FROM delivery_attempts d"
        " LEFT JOIN tellings t ON t.id = d.telling_id AND t.org_id = d.org_id"
        " LEFT JOIN escalations e ON e.id = t.escalation_id WHERE d.id = :id AND d.org_id = :org",
        id=delivery_id,
        org=org_id,
    )


async def send_again(tx: Tx, telling_id: str, *, at: int, until: int) -> bool:
    """What failed waits to be sent from then on; False where it waits, or has arrived, by now."""
    return bool(
        await tx.execute(
            "UPDATE tellings SET state = 'waiting', settled_at = NULL, send_at = :at, expires_at = :until"
            " WHERE id = :id AND state = 'failed'",
            id=telling_id,
            at=at,
            until=until,
        )
    )


async def last_success(tx: Tx, org_id: str, channel: str) -> int | None:
    """When the vendor last took something of this organisation's."""
    row = await tx.row(
        "SELECT at FROM delivery_attempts WHERE org_id = :org AND channel = :channel AND status = 'delivered'"
        " AND attempt > 0 ORDER BY at DESC LIMIT 1",
        org=org_id,
        channel=channel,
    )
    return None if row is None else row["at"]


async def last_word(tx: Tx, org_id: str, channel: str) -> Row | None:
    """The last attempt that the vendor took, or refused because of the settings."""
    return await tx.row(
        "SELECT at, status FROM delivery_attempts WHERE org_id = :org AND channel = :channel"
        " AND status IN ('delivered', 'settings') AND attempt > 0 ORDER BY at DESC LIMIT 1",
        org=org_id,
        channel=channel,
    )


async def last_error(tx: Tx, org_id: str, channel: str) -> Row | None:
    """The last attempt that failed."""
    return await tx.row(
        "SELECT at, status, said FROM delivery_attempts WHERE org_id = :org AND channel = :channel"
        " AND attempt > 0 AND status IN ('later', 'settings', 'refused', 'permanent') ORDER BY at DESC LIMIT 1",
        org=org_id,
        channel=channel,
    )


async def rate(tx: Tx, org_id: str, channel: str, since: int) -> tuple[int, int]:
    """How many were tried since then, and how many of them failed."""
    row = await tx.row(
        "SELECT COUNT(*) AS tried, COALESCE(SUM(CASE WHEN status IN ('later', 'settings', 'refused', 'permanent')"
        " THEN 1 ELSE 0 END), 0) AS failed FROM delivery_attempts WHERE org_id = :org AND channel = :channel"
        " AND at > :since AND attempt > 0",
        org=org_id,
        channel=channel,
        since=since,
    )
    return (0, 0) if row is None else (int(row["tried"]), int(row["failed"]))


async def refuses_everybody(tx: Tx, org_id: str, channel: str, since: int) -> bool:
    """Whether somebody's address was refused since then, and everybody's of this organisation who has one there."""
    row = await tx.row(
        "WITH refused AS (SELECT DISTINCT person_id FROM delivery_attempts WHERE org_id = :org AND channel = :channel"
        " AND status = 'refused' AND attempt > 0 AND at >= :since)"
        " SELECT 1 AS yes WHERE EXISTS (SELECT 1 FROM refused) AND NOT EXISTS"
        " (SELECT 1 FROM contacts c JOIN memberships m ON m.person_id = c.person_id AND m.org_id = :org"
        " AND m.removed_at IS NULL LEFT JOIN devices d ON d.id = c.device_id WHERE c.channel = :channel"
        " AND c.gone_at IS NULL AND d.revoked_at IS NULL AND c.person_id NOT IN (SELECT person_id FROM refused))",
        org=org_id,
        channel=channel,
        since=since,
    )
    return row is not None


async def forget_old(tx: Tx, *, before: int, limit: int) -> int:
    """Drop attempts of long ago; none of a question that is open."""
    return await tx.execute(
        "DELETE FROM delivery_attempts WHERE id IN (SELECT d.id FROM delivery_attempts d LEFT JOIN escalations e"
        " ON e.id = d.escalation_id AND e.state = 'open' WHERE d.at < :before AND e.id IS NULL LIMIT :limit)",
        before=before,
        limit=limit,
    )
