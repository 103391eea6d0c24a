"""SQL of escalations."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.domain import outcome
from approvals_hub.escalations.escalation import COLUMNS, Escalation, of

_INSERT = (
    "INSERT INTO escalations (id, org_id, agent_id, trust, revision, revises, action_id, action_type, action_hash,"
    " plain_hash, similarity_hash, presentation_hash, requirement, requirement_hash, audience, salt, sealed, state,"
    " version, created_at, expires_at, latest_expiry, epoch, delivery, routing, shown_length, beside, policy) VALUES"
    " (:id, :org_id, :agent_id, :trust, :revision, :revises, :action_id, :action_type, :action_hash, :plain_hash,"
    " :similarity_hash, :presentation_hash, :requirement, :requirement_hash, :audience, :salt, :sealed, 'open', 1,"
    " :created_at, :expires_at, :latest_expiry, :epoch, :delivery, :routing, :shown_length, :beside, :policy)"
)


async def add(tx: Tx, **columns: object) -> None:
    """Store a new, open escalation."""
    await tx.execute(_INSERT, **columns)


async def find(tx: Tx, escalation_id: str) -> Escalation | None:
    """One escalation."""
    row = await tx.row(f"SELECT {COLUMNS} FROM escalations WHERE id = :id", id=escalation_id)
    return None if row is None else of(row)


async def find_of_agent(tx: Tx, escalation_id: str, agent_id: str) -> Escalation | None:
    """One escalation, if this agent asked it."""
    row = await tx.row(
        f"SELECT {COLUMNS} FROM escalations WHERE id = :id AND agent_id = :agent", id=escalation_id, agent=agent_id
    )
    return None if row is None else of(row)


async def find_by_jti(tx: Tx, jti: str) -> Escalation | None:
    """The escalation that an approval token came from."""
    row = await tx.row(f"SELECT {COLUMNS} FROM escalations WHERE jti = :jti", jti=jti)
    return None if row is None else of(row)


async def open_before(tx: Tx, *, agent_id: str, plain_hash: str, now: int, most: int) -> tuple[Escalation | None, bool]:
    """The agent's open question about the very same action; and whether at least `most` questions of it are open."""
    row = await tx.row(
        "SELECT (SELECT id FROM escalations WHERE agent_id = :agent AND plain_hash = :hash AND state = 'open'"
        " AND expires_at > :now LIMIT 1) AS twin,"
        " (SELECT 1 FROM escalations WHERE agent_id = :agent AND state = 'open' LIMIT 1 OFFSET :skip) AS crowded",
        agent=agent_id,
        hash=plain_hash,
        now=now,
        skip=most - 1,
    )
    assert row is not None
    return None if row["twin"] is None else await find(tx, row["twin"]), row["crowded"] is not None


async def sealed_question(tx: Tx, escalation_id: str) -> bytes | None:
    """The sealed action and justification."""
    row = await tx.row("SELECT sealed FROM escalations WHERE id = :id", id=escalation_id)
    return None if row is None else row["sealed"]


async def sealed_reason(tx: Tx, escalation_id: str) -> bytes | None:
    """The sealed reason of a denial."""
    row = await tx.row("SELECT ended_reason FROM escalations WHERE id = :id", id=escalation_id)
    return None if row is None else row["ended_reason"]


async def page(
    tx: Tx, *, org_id: str, agent_id: str | None, states: tuple[str, ...], before: str | None, limit: int
) -> list[Escalation]:
    """Escalations of an organisation or of one agent, in one of these states where any is named; newest first."""
    whose = "agent_id = :agent" if agent_id is not None else "org_id = :org AND CAST(:agent AS TEXT) IS NULL"
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM escalations WHERE {whose} AND org_id = :org"
        " AND (:every = 1 OR state IN :states) AND (CAST(:before AS TEXT) IS NULL OR id < :before)"
        " ORDER BY id DESC LIMIT :limit",
        org=org_id,
        agent=agent_id,
        every=int(not states),
        states=In(states or (outcome.OPEN,)),
        before=before,
        limit=limit,
    )
    return [of(row) for row in rows]


async def end(
    tx: Tx, escalation_id: str, *, state: str, by: str | None, cause: str | None, at: int, reason: bytes | None = None
) -> Escalation | None:
    """Give an open escalation its outcome, once; None where it has one already."""
    row = await tx.row(
        "UPDATE escalations SET state = :state, version = version + 1, ended_by = :by, cause = :cause,"
        f" ended_at = :at, ended_reason = :reason WHERE id = :id AND state = 'open' RETURNING {COLUMNS}",
        id=escalation_id,
        state=state,
        by=by,
        cause=cause,
        at=at,
        reason=reason,
    )
    return None if row is None else of(row)


async def expire(tx: Tx, escalation_id: str, *, at: int) -> Escalation | None:
    """End an open escalation whose time is over, once; None where it has ended, or was given more time meanwhile.

    One that nobody has seen is undeliverable where all that was tried has failed, and where no vendor took anything.
    """
    row = await tx.row(
        "UPDATE escalations SET state = CASE WHEN seen_at IS NOT NULL THEN :seen"
        " WHEN routing IS NOT NULL AND (delivery = 'unreachable' OR NOT EXISTS (SELECT 1 FROM tellings t"
        " WHERE t.escalation_id = escalations.id AND t.kind = 'escalation.opened' AND t.state = 'sent'))"
        " THEN :undeliverable ELSE :unseen END, version = version + 1,"
        " ended_by = 'hub', cause = 'expired', ended_at = :at WHERE id = :id AND state = 'open' AND expires_at <= :at"
        f" RETURNING {COLUMNS}",
        id=escalation_id,
        at=at,
        seen=outcome.expired(0),
        unseen=outcome.expired(None),
        undeliverable=outcome.UNDELIVERABLE,
    )
    return None if row is None else of(row)


async def approve(
    tx: Tx, escalation_id: str, *, by: str, jti: str, approval: str, at: int, valid_until: int
) -> Escalation | None:
    """Approve an open escalation and make its token ready, once."""
    row = await tx.row(
        "UPDATE escalations SET state = 'approved', version = version + 1, ended_by = :by, ended_at = :at, jti = :jti,"
        f" token_state = 'ready', approval = :approval, valid_until = :until WHERE id = :id AND state = 'open'"
        f" RETURNING {COLUMNS}",
        id=escalation_id,
        by=by,
        jti=jti,
        approval=approval,
        at=at,
        until=valid_until,
    )
    return None if row is None else of(row)


async def open_stage(tx: Tx, escalation_id: str, *, stage: int) -> bool:
    """So many stages of an open question are complete; False where it has ended, or somebody was faster."""
    return bool(
        await tx.execute(
            "UPDATE escalations SET stage = :stage WHERE id = :id AND state = 'open' AND stage < :stage",
            id=escalation_id,
            stage=stage,
        )
    )


async def hold_until(tx: Tx, escalation_id: str, *, effective_at: int | None) -> None:
    """The approval of an open question has all its votes, and takes effect then; None: votes are missing again."""
    await tx.execute(
        "UPDATE escalations SET effective_at = CAST(:at AS INTEGER) WHERE id = :id AND state = 'open'",
        id=escalation_id,
        at=effective_at,
    )


async def waited(tx: Tx, now: int, limit: int) -> list[str]:
    """Open questions whose approval is to take effect, the first to do so first."""
    rows = await tx.rows(
        "SELECT id FROM escalations WHERE state = 'open' AND effective_at IS NOT NULL AND effective_at <= :now"
        " AND expires_at > :now ORDER BY effective_at, id LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def change_token(
    tx: Tx, escalation_id: str, *, new: str, cause: str | None, old: str = "ready"
) -> Escalation | None:
    """Move the token on, once; None where it is not in the state `old`."""
    row = await tx.row(
        "UPDATE escalations SET token_state = :new, token_cause = :cause, version = version + 1"
        f" WHERE id = :id AND token_state = :old RETURNING {COLUMNS}",
        id=escalation_id,
        new=new,
        cause=cause,
        old=old,
    )
    return None if row is None else of(row)


async def revoke_tokens_of(tx: Tx, agent_id: str, *, cause: str) -> list[Row]:
    """Void every unredeemed token of an agent."""
    return await tx.rows(
        "UPDATE escalations SET token_state = 'revoked', token_cause = :cause, version = version + 1"
        " WHERE agent_id = :agent AND token_state = 'ready' RETURNING id, org_id, jti",
        agent=agent_id,
        cause=cause,
    )


async def unfinished(tx: Tx, agent_id: str, *, after: str, since: int, limit: int) -> list[Escalation]:
    """What an agent may still have to hear of, oldest first: questions behind `after`, open or ended after `since`."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM escalations WHERE agent_id = :agent AND id > :after"
        " AND (state = 'open' OR ended_at > :since) ORDER BY id LIMIT :limit",
        agent=agent_id,
        after=after,
        since=since,
        limit=limit,
    )
    return [of(row) for row in rows]


async def some_of_agent(tx: Tx, agent_id: str, ids: list[str]) -> list[Escalation]:
    """These questions of an agent, oldest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM escalations WHERE id IN :ids AND agent_id = :agent ORDER BY id",
        ids=In(ids),
        agent=agent_id,
    )
    return [of(row) for row in rows]


async def open_of_agent(tx: Tx, agent_id: str) -> list[Row]:
    """The open questions of an agent."""
    return await tx.rows(
        # Ordered as its index is: by id, the planner would walk through all that the agent ever asked.
        "SELECT id FROM escalations WHERE agent_id = :agent AND state = 'open' ORDER BY plain_hash",
        agent=agent_id,
    )


async def due(tx: Tx, now: int, limit: int) -> list[Row]:
    """Open questions whose time is over."""
    return await tx.rows(
        "SELECT id, seen_at FROM escalations WHERE state = 'open' AND expires_at <= :now"
        " ORDER BY expires_at LIMIT :limit",
        now=now,
        limit=limit,
    )


async def mark_seen(tx: Tx, escalation_id: str, *, at: int) -> bool:
    """Somebody's screen has shown it while it was open; True the first time."""
    return bool(
        await tx.execute(
            "UPDATE escalations SET seen_at = :at WHERE id = :id AND seen_at IS NULL AND state = 'open'",
            id=escalation_id,
            at=at,
        )
    )


async def routing(tx: Tx, escalation_id: str) -> str | None:
    """The route and what it names, as they were at the opening."""
    row = await tx.row("SELECT routing FROM escalations WHERE id = :id", id=escalation_id)
    return None if row is None else row["routing"]


async def set_routing(tx: Tx, escalation_id: str, text: str) -> None:
    """A further stage of it has begun."""
    await tx.execute("UPDATE escalations SET routing = :routing WHERE id = :id", id=escalation_id, routing=text)


async def set_delivery(tx: Tx, escalation_id: str, *, delivery: str, counts: bool) -> Escalation | None:
    """What is known now of its reaching somebody; None where that is known already, or it has ended. Where the asker
    is to hear of it at once it `counts` as a change."""
    row = await tx.row(
        "UPDATE escalations SET delivery = :delivery, version = version + :more WHERE id = :id AND state = 'open'"
        f" AND delivery <> :delivery RETURNING {COLUMNS}",
        id=escalation_id,
        delivery=delivery,
        more=int(counts),
    )
    return None if row is None else of(row)


async def extend(tx: Tx, escalation_id: str, *, expires_at: int) -> Escalation | None:
    """Give an open question more time; its version stays, as neither state nor outcome changed."""
    row = await tx.row(
        "UPDATE escalations SET expires_at = :expires WHERE id = :id AND state = 'open'"
        f" AND latest_expiry >= :expires RETURNING {COLUMNS}",
        id=escalation_id,
        expires=expires_at,
    )
    if row is None:
        return None
    await tx.execute(
        "UPDATE inbox SET expires_at = :expires WHERE escalation_id = :id", id=escalation_id, expires=expires_at
    )
    return of(row)
