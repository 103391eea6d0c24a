"""SQL of calls back to agents' programs: where they may go, and those that are under way."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_KEPT = "agent_id, org_id, hosts, secret, previous, previous_until, fingerprint, rotated_at, changed_at, changed_by"


async def kept(tx: Tx, agent_id: str) -> Row | None:
    """Where one agent may be called, and its sealed secrets."""
    return await tx.row(f"SELECT {_KEPT} FROM agent_callbacks WHERE agent_id = :agent", agent=agent_id)


async def keep(
    tx: Tx, *, agent_id: str, org_id: str, hosts: str, secret: bytes, fingerprint: str, at: int, by: str
) -> None:
    """Set where it may be called; the secret is that of the first time."""
    await tx.execute(
        "INSERT INTO agent_callbacks (agent_id, org_id, hosts, secret, fingerprint, rotated_at, changed_at, changed_by)"
        " VALUES (:agent, :org, :hosts, :secret, :fingerprint, :at, :at, :by)"
        " ON CONFLICT (agent_id) DO UPDATE SET hosts = excluded.hosts, changed_at = excluded.changed_at,"
        " changed_by = excluded.changed_by",
        agent=agent_id,
        org=org_id,
        hosts=hosts,
        secret=secret,
        fingerprint=fingerprint,
        at=at,
        by=by,
    )


async def rotate(
    tx: Tx, *, agent_id: str, secret: bytes, fingerprint: str, previous_until: int, at: int, by: str
) -> None:
    """Another secret signs from now on, and the one of before beside it for a while."""
    await tx.execute(
        "UPDATE agent_callbacks SET previous = secret, previous_until = :until, secret = :secret,"
        " fingerprint = :fingerprint, rotated_at = :at, changed_at = :at, changed_by = :by WHERE agent_id = :agent",
        agent=agent_id,
        secret=secret,
        fingerprint=fingerprint,
        until=previous_until,
        at=at,
        by=by,
    )


async def plan(
    tx: Tx,
    *,
    call_id: str,
    org_id: str,
    escalation_id: str,
    agent_id: str,
    url: bytes,
    masked: str,
    at: int,
    event: str | None = None,
) -> None:
    """Call there when this question has ended; the first address that was named for it counts. `event`: what OpenLeash
    calls it; then it may be about a draft of a policy, too."""
    await tx.execute(
        "INSERT INTO callbacks (id, org_id, escalation_id, agent_id, url, masked, state, attempts, created_at, event)"
        " VALUES (:id, :org, :escalation, :agent, :url, :masked, 'waiting', 0, :at, :event) ON CONFLICT DO NOTHING",
        id=call_id,
        org=org_id,
        escalation=escalation_id,
        agent=agent_id,
        url=url,
        masked=masked,
        at=at,
        event=event,
    )


async def webhook(tx: Tx, agent_id: str) -> Row | None:
    """Where an OpenLeash agent said that it takes events."""
    return await tx.row("SELECT sealed, masked FROM openleash_webhooks WHERE agent_id = :agent", agent=agent_id)


async def keep_webhook(tx: Tx, *, agent_id: str, org_id: str, sealed: bytes, masked: str, at: int) -> None:
    """Keep it; an agent says it once, when it joins."""
    await tx.execute(
        "INSERT INTO openleash_webhooks (agent_id, org_id, sealed, masked, kept_at)"
        " VALUES (:agent, :org, :sealed, :masked, :at) ON CONFLICT (agent_id) DO NOTHING",
        agent=agent_id,
        org=org_id,
        sealed=sealed,
        masked=masked,
        at=at,
    )


async def of_escalation(tx: Tx, escalation_id: str) -> Row | None:
    """The call of one question."""
    return await tx.row(
        "SELECT id, masked, state, attempts, said, send_at, until, settled_at FROM callbacks"
        " WHERE escalation_id = :escalation",
        escalation=escalation_id,
    )


async def recent(tx: Tx, agent_id: str, limit: int) -> list[Row]:
    """The newest calls of one agent that were due, newest first."""
    return await tx.rows(
        "SELECT id, escalation_id, masked, state, attempts, said, send_at, settled_at FROM callbacks"
        " WHERE agent_id = :agent AND state <> 'waiting' ORDER BY id DESC LIMIT :limit",
        agent=agent_id,
        limit=limit,
    )


async def due(tx: Tx, escalation_id: str, *, at: int, until: int) -> bool:
    """The question has ended; whether somebody is to be called. OpenLeash agents are not called about a question that
    nobody has decided."""
    return bool(
        await tx.execute(
            "UPDATE callbacks SET state = 'due', send_at = :at, until = :until"
            " WHERE escalation_id = :escalation AND state = 'waiting'"
            " AND (event IS NULL OR event <> 'approval_request' OR EXISTS (SELECT 1 FROM escalations e"
            " WHERE e.id = callbacks.escalation_id AND e.state IN ('approved', 'denied', 'not_me')))",
            escalation=escalation_id,
            at=at,
            until=until,
        )
    )


async def next_due(tx: Tx) -> int | None:
    """When the next call is to be made, or one is to be made again by whoever comes after a crash."""
    row = await tx.row("SELECT MIN(send_at) AS at FROM callbacks WHERE send_at IS NOT NULL")
    return None if row is None else row["at"]


async def claim(tx: Tx, *, now: int, until: int, limit: int) -> list[Row]:
    """Calls to be made now, with what they tell; nobody else makes them before `until`."""
    claimed = await tx.rows(
        "UPDATE callbacks SET send_at = :until, attempts = attempts + 1 WHERE id IN (SELECT id FROM callbacks"
        " WHERE send_at IS NOT NULL AND send_at <= :now ORDER BY attempts, send_at LIMIT :limit)"
        " AND send_at <= :now RETURNING id, escalation_id, agent_id, org_id, url, attempts, until, event",
        now=now,
        until=until,
        limit=limit,
    )
    return [{**dict(row), **dict(await _about(tx, row["escalation_id"], row["event"]))} for row in claimed]


async def _about(tx: Tx, about: str, event: str | None) -> Row:
    if event not in (None, "approval_request"):
        row = await tx.row("SELECT state, ended_at FROM policy_drafts WHERE id = :id", id=about)
    else:
        row = await tx.row(
            "SELECT action_id, action_hash, state, version, ended_at FROM escalations WHERE id = :id", id=about
        )
    assert row is not None
    return row


async def forget_settled(tx: Tx, *, before: int, limit: int) -> int:
    """Drop calls that were taken, or given up, long ago."""
    return await tx.execute(
        "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks WHERE settled_at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )


async def settle(tx: Tx, call_id: str, *, attempts: int, state: str, said: str | None, at: int) -> None:
    """It was taken, or never will be; by whoever made the last attempt."""
    await tx.execute(
        "UPDATE callbacks SET state = :state, said = :said, settled_at = :at, send_at = NULL"
        " WHERE id = :id AND attempts = :attempts AND state = 'due'",
        id=call_id,
        attempts=attempts,
        state=state,
        said=said,
        at=at,
    )


async def try_again(tx: Tx, call_id: str, *, attempts: int, said: str, at: int) -> None:
    """Again then; by whoever made the last attempt."""
    await tx.execute(
        "UPDATE callbacks SET said = :said, send_at = :at WHERE id = :id AND attempts = :attempts AND state = 'due'",
        id=call_id,
        attempts=attempts,
        said=said,
        at=at,
    )
