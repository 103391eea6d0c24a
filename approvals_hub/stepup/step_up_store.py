"""SQL of step-ups, and of what their proofs used up."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.orgs.store import MEMBER_STATE
from approvals_hub.stepup.step_up import COLUMNS, Step, of


async def add(
    tx: Tx,
    *,
    step_up_id: str,
    org_id: str,
    person_id: str,
    session_id: str,
    escalation_id: str | None,
    factor_id: str | None,
    method: str,
    purpose: str,
    intent_hash: str,
    began_at: int,
    expires_at: int,
) -> None:
    """Store one that begins."""
    await tx.execute(
        "INSERT INTO step_ups (id, org_id, person_id, session_id, escalation_id, factor_id, method, purpose,"
        " intent_hash, state, version, tries, began_at, expires_at)"
        " VALUES (:id, :org, :person, :session, :escalation, :factor, :method, :purpose, :intent, 'beginning', 1, 0,"
        " :began, :expires)",
        id=step_up_id,
        org=org_id,
        person=person_id,
        session=session_id,
        escalation=escalation_id,
        factor=factor_id,
        method=method,
        purpose=purpose,
        intent=intent_hash,
        began=began_at,
        expires=expires_at,
    )


async def find(tx: Tx, step_up_id: str) -> Step | None:
    """One step-up."""
    row = await tx.row(f"SELECT {COLUMNS} FROM step_ups WHERE id = :id", id=step_up_id)
    return None if row is None else of(row)


async def running(tx: Tx, *, person_id: str, method: str, intent_hash: str, now: int) -> Step | None:
    """The person's newest one for this very intent and way that is still good for something, or begins."""
    row = await tx.row(
        f"SELECT {COLUMNS} FROM step_ups WHERE person_id = :person AND method = :method AND intent_hash = :intent"
        " AND state IN ('beginning', 'running', 'proven') AND expires_at > :now ORDER BY id DESC LIMIT 1",
        person=person_id,
        method=method,
        intent=intent_hash,
        now=now,
    )
    return None if row is None else of(row)


async def begun_since(tx: Tx, person_id: str, first_id: str, limit: int, *, method: str | None = None) -> int:
    """How many step-ups the person began with ids from `first_id` on, in one way or all, counted up to `limit`."""
    rows = await tx.rows(
        "SELECT id FROM step_ups WHERE person_id = :person AND id >= :first"
        " AND (CAST(:method AS TEXT) IS NULL OR method = :method) LIMIT :limit",
        person=person_id,
        first=first_id,
        method=method,
        limit=limit,
    )
    return len(rows)


async def keep(
    tx: Tx, step_up_id: str, *, version: int, sealed: bytes, collect_at: int | None, expires_at: int
) -> Step | None:
    """What the provider remembers now; None where somebody else moved the step-up on meanwhile."""
    row = await tx.row(
        "UPDATE step_ups SET state = 'running', version = version + 1, sealed = :sealed, collect_at = :collect,"
        " expires_at = :expires WHERE id = :id AND version = :version AND state IN ('beginning', 'running')"
        f" RETURNING {COLUMNS}",
        id=step_up_id,
        version=version,
        sealed=sealed,
        collect=collect_at,
        expires=expires_at,
    )
    return None if row is None else of(row)


async def reserve_try(tx: Tx, step_up_id: str, *, most: int, now: int, leased_until: int) -> Step | None:
    """Count an answer before it is looked at, so that many at once are no more than a few.

    The collector keeps away from it until `leased_until`: some providers tell the end of an order once.
    """
    row = await tx.row(
        "UPDATE step_ups SET tries = tries + 1, collect_at = CASE WHEN collect_at IS NULL THEN NULL"
        " ELSE CAST(:leased AS INTEGER) END"
        " WHERE id = :id AND state = 'running' AND tries < :most"
        f" AND expires_at > :now RETURNING {COLUMNS}",
        id=step_up_id,
        most=most,
        leased=leased_until,
        now=now,
    )
    return None if row is None else of(row)


async def give_try_back(tx: Tx, step_up_id: str) -> None:
    """The answer was no guess."""
    await tx.execute("UPDATE step_ups SET tries = tries - 1 WHERE id = :id AND tries > 0", id=step_up_id)


async def prove(tx: Tx, step_up_id: str, *, at: int, until: int, **columns: object) -> Step | None:
    """It is proven, once; None where it had ended or was proven already. `at`: when the person did it."""
    row = await tx.row(
        "UPDATE step_ups SET state = 'proven', version = version + 1, sealed = NULL, collect_at = NULL,"
        " proven_at = :at, expires_at = :until, amr = :amr, binding = :binding, reported = :reported,"
        " identified = :identified, auth_ref = :auth_ref, facts = :facts, evidence = :evidence,"
        f" evidence_hash = :evidence_hash WHERE id = :id AND state = 'running' RETURNING {COLUMNS}",
        id=step_up_id,
        at=at,
        until=until,
        **columns,
    )
    return None if row is None else of(row)


async def use(tx: Tx, step_up_id: str, *, decision_id: str | None, at: int) -> Step | None:
    """Spend a proven one, once."""
    row = await tx.row(
        "UPDATE step_ups SET state = 'used', version = version + 1, used_at = :at, decision_id = :decision"
        f" WHERE id = :id AND state = 'proven' AND expires_at > :at RETURNING {COLUMNS}",
        id=step_up_id,
        decision=decision_id,
        at=at,
    )
    return None if row is None else of(row)


async def end(tx: Tx, step_up_id: str, *, cause: str, hint: str | None) -> Step | None:
    """It ended without a proof, or its proof was not used; what the provider remembered is gone."""
    row = await tx.row(
        "UPDATE step_ups SET state = 'ended', version = version + 1, sealed = NULL, collect_at = NULL, evidence = NULL,"
        " cause = :cause, hint = :hint WHERE id = :id AND state IN ('beginning', 'running', 'proven')"
        f" RETURNING {COLUMNS}",
        id=step_up_id,
        cause=cause,
        hint=hint,
    )
    return None if row is None else of(row)


async def any_due(tx: Tx, now: int) -> bool:
    """Whether a provider is to be asked, or something has to be ended."""
    row = await tx.row(
        "SELECT 1 AS one FROM step_ups WHERE collect_at IS NOT NULL AND collect_at <= :now"
        " UNION ALL SELECT 1 AS one FROM step_ups WHERE state IN ('beginning', 'running', 'proven')"
        " AND expires_at <= :now LIMIT 1",
        now=now,
    )
    return row is not None


async def claim_due(tx: Tx, *, now: int, until: int, limit: int) -> list[Step]:
    """Step-ups whose provider is to be asked now; nobody else asks before `until`."""
    rows = await tx.rows(
        "UPDATE step_ups SET collect_at = :until WHERE id IN (SELECT id FROM step_ups WHERE collect_at IS NOT NULL"
        f" AND collect_at <= :now ORDER BY collect_at LIMIT :limit) AND collect_at <= :now RETURNING {COLUMNS}",
        now=now,
        until=until,
        limit=limit,
    )
    return [of(row) for row in rows]


async def collect_later(tx: Tx, step_up_id: str, *, at: int) -> None:
    """The provider could not be asked: again then."""
    await tx.execute(
        "UPDATE step_ups SET collect_at = :at WHERE id = :id AND collect_at IS NOT NULL", id=step_up_id, at=at
    )


async def overdue(tx: Tx, now: int, limit: int) -> list[Step]:
    """Step-ups whose time is over and that nobody has ended yet."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM step_ups WHERE state IN ('beginning', 'running', 'proven') AND expires_at <= :now"
        " ORDER BY expires_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [of(row) for row in rows]


async def live_by(tx: Tx, person_id: str, method: str) -> list[Step]:
    """A person's step-ups of this way that are still good for a decision."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM step_ups WHERE person_id = :person AND method = :method AND purpose = 'decision'"
        " AND state IN ('beginning', 'running', 'proven') ORDER BY id",
        person=person_id,
        method=method,
    )
    return [of(row) for row in rows]


async def session_of(tx: Tx, step_up_id: str) -> Row | None:
    """What decides whether the session that began it still counts; None where its person is no member any more."""
    return await tx.row(
        f"SELECT s.ended_at, s.expires_at, {MEMBER_STATE} AS person_state FROM step_ups u"
        " JOIN sessions s ON s.id = u.session_id JOIN people p ON p.id = u.person_id"
        " JOIN memberships m ON m.org_id = u.org_id AND m.person_id = u.person_id AND m.removed_at IS NULL"
        " WHERE u.id = :id",
        id=step_up_id,
    )


async def of_decisions(tx: Tx, decision_ids: list[str]) -> list[Step]:
    """The step-ups that these decisions used, oldest first."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM step_ups WHERE decision_id IN :ids ORDER BY decision_id, id", ids=In(decision_ids)
    )
    return [of(row) for row in rows]


async def use_up(tx: Tx, *, person_id: str, method: str, name: str, at: int) -> bool:
    """Keep the name of something that a proof used up; False where it was used before."""
    return bool(
        await tx.execute(
            "INSERT INTO used_proofs (person_id, method, name, at) VALUES (:person, :method, :name, :at)"
            " ON CONFLICT DO NOTHING",
            person=person_id,
            method=method,
            name=name,
            at=at,
        )
    )


async def forget_used(tx: Tx, *, methods: list[str], before: int, limit: int) -> int:
    """Drop names that proofs of these methods used up before then; returns how many."""
    return await tx.execute(
        "DELETE FROM used_proofs WHERE (person_id, method, name) IN"
        " (SELECT person_id, method, name FROM used_proofs WHERE method IN :methods AND at < :before LIMIT :limit)",
        methods=In(methods),
        before=before,
        limit=limit,
    )


async def forget_expired(tx: Tx, *, ended_before: int, limit: int) -> int:
    """Drop step-ups that proved nothing and ended long ago; returns how many."""
    return await tx.execute(
        "DELETE FROM step_ups WHERE id IN (SELECT id FROM step_ups WHERE state = 'ended' AND expires_at < :before"
        " LIMIT :limit)",
        before=ended_before,
        limit=limit,
    )


async def evidence_of(tx: Tx, decision_id: str) -> list[Row]:
    """What proved the person of a decision, sealed with their key."""
    return await tx.rows(
        "SELECT id, method, binding, auth_ref, began_at, proven_at, intent_hash, evidence, evidence_hash FROM step_ups"
        " WHERE decision_id = :decision ORDER BY id",
        decision=decision_id,
    )
