"""SQL of policies, of what is known of agents, and of the totals that policies limit."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In

_KEPT = (
    "p.id, p.org_id, p.name, p.tier, p.bound_to, p.rank, p.version, v.body, v.hash, v.source, v.published_at,"
    " v.published_by"
)
_IN_FORCE = f"SELECT {_KEPT} FROM policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version"


async def in_force(tx: Tx, org_id: str) -> list[Row]:
    """All policies of an organisation, by name. There are never more than `POLICIES_LIMIT`."""
    return await tx.rows(f"{_IN_FORCE} WHERE p.org_id = :org AND p.removed_at IS NULL ORDER BY p.name", org=org_id)


async def find(tx: Tx, org_id: str, name: str) -> Row | None:
    """One of them."""
    return await tx.row(
        f"{_IN_FORCE} WHERE p.org_id = :org AND p.name = :name AND p.removed_at IS NULL", org=org_id, name=name
    )


async def versions(tx: Tx, policy_id: str, limit: int) -> list[Row]:
    """What it was, newest first."""
    return await tx.rows(
        "SELECT version, body, hash, source, published_at, published_by FROM policy_versions"
        " WHERE policy_id = :id ORDER BY version DESC LIMIT :limit",
        id=policy_id,
        limit=limit,
    )


async def names_here(tx: Tx, org_id: str, ids: list[str]) -> dict[str, str]:
    """What those of them are called who are members or agents of the organisation now, by id."""
    rows = await tx.rows(
        "SELECT p.id, p.name FROM people p JOIN memberships m ON m.person_id = p.id"
        " WHERE m.org_id = :org AND m.removed_at IS NULL AND p.id IN :ids"
        " UNION ALL SELECT a.id, a.name FROM agents a WHERE a.org_id = :org AND a.id IN :ids",
        org=org_id,
        ids=In(sorted(set(ids)) or [""]),
    )
    return {row["id"]: row["name"] for row in rows}


async def add(tx: Tx, *, policy_id: str, org_id: str, name: str, tier: str, bound_to: str | None, rank: int) -> None:
    """A new one, of which no version is in force until `publish`."""
    await tx.execute(
        "INSERT INTO policies (id, org_id, name, tier, bound_to, rank, version)"
        " VALUES (:id, :org, :name, :tier, :bound_to, :rank, 0)",
        id=policy_id,
        org=org_id,
        name=name,
        tier=tier,
        bound_to=bound_to,
        rank=rank,
    )


async def publish(
    tx: Tx,
    *,
    policy_id: str,
    org_id: str,
    version: int,
    body: str,
    content_hash: str,
    source: str | None,
    at: int,
    by: str,
) -> None:
    """Write one more version, and put it in force."""
    await tx.execute(
        "INSERT INTO policy_versions (policy_id, version, org_id, body, hash, source, published_at, published_by)"
        " VALUES (:id, :version, :org, :body, :hash, :source, :at, :by)",
        id=policy_id,
        version=version,
        org=org_id,
        body=body,
        hash=content_hash,
        source=source,
        at=at,
        by=by,
    )
    await tx.execute("UPDATE policies SET version = :version WHERE id = :id", id=policy_id, version=version)


async def bind(tx: Tx, policy_id: str, *, tier: str, bound_to: str | None, rank: int) -> None:
    """Let it hold for others."""
    await tx.execute(
        "UPDATE policies SET tier = :tier, bound_to = :bound_to, rank = :rank WHERE id = :id",
        id=policy_id,
        tier=tier,
        bound_to=bound_to,
        rank=rank,
    )


async def remove(tx: Tx, policy_id: str, at: int) -> None:
    """Take it out of force; its versions stay."""
    await tx.execute("UPDATE policies SET removed_at = :at WHERE id = :id", id=policy_id, at=at)


async def changed(tx: Tx, org_id: str) -> None:
    """Say that something that decisions are made from has changed."""
    await tx.execute("UPDATE orgs SET policies_version = policies_version + 1 WHERE id = :id", id=org_id)


async def second_person(tx: Tx, org_id: str) -> bool:
    """Whether what one person does to policies takes another one's signature."""
    row = await tx.row("SELECT second_person FROM orgs WHERE id = :id", id=org_id)
    return row is not None and bool(row["second_person"])


async def set_second_person(tx: Tx, org_id: str, *, wanted: bool) -> None:
    """Say so."""
    await tx.execute("UPDATE orgs SET second_person = :wanted WHERE id = :id", id=org_id, wanted=int(wanted))


async def version_of(tx: Tx, org_id: str) -> int:
    """How often that was said; 0 where there never was a policy."""
    row = await tx.row("SELECT policies_version FROM orgs WHERE id = :id", id=org_id)
    return 0 if row is None else int(row["policies_version"])


async def labels(tx: Tx, agent_id: str) -> Row | None:
    """What is known of an agent."""
    return await tx.row(
        "SELECT agent_id, teams, project, environment, changed_at, changed_by FROM agent_labels WHERE agent_id = :id",
        id=agent_id,
    )


async def all_labels(tx: Tx, org_id: str) -> list[Row]:
    """What is known of an organisation's agents that may still ask."""
    return await tx.rows(
        "SELECT l.teams, l.project, l.environment FROM agent_labels l JOIN agents a ON a.id = l.agent_id"
        " WHERE l.org_id = :org AND a.state <> 'revoked' ORDER BY l.agent_id",
        org=org_id,
    )


async def label(
    tx: Tx,
    *,
    agent_id: str,
    org_id: str,
    teams: str,
    project: str | None,
    environment: str | None,
    at: int,
    by: str,
) -> None:
    """Replace it."""
    await tx.execute(
        "INSERT INTO agent_labels (agent_id, org_id, teams, project, environment, changed_at, changed_by)"
        " VALUES (:id, :org, :teams, :project, :environment, :at, :by)"
        " ON CONFLICT (agent_id) DO UPDATE SET teams = excluded.teams, project = excluded.project,"
        " environment = excluded.environment, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        id=agent_id,
        org=org_id,
        teams=teams,
        project=project,
        environment=environment,
        at=at,
        by=by,
    )


async def hold_counter(tx: Tx, counter: str, org_id: str) -> None:
    """Keep other units away from this total until this one ends."""
    await tx.execute(
        "INSERT INTO counters (id, org_id) VALUES (:id, :org) ON CONFLICT (id) DO NOTHING", id=counter, org=org_id
    )
    await tx.lock("counters", counter)


async def total(tx: Tx, counter: str, *, since: int, now: int, but: str | None) -> int:
    """What counts now, without what the question `but` added.

    What was allowed at once, or redeemed, counts from that moment on, until `since` has passed it: otherwise a question
    that is left open would be spent later beside another window's. What can still be spent counts however old it is. A
    reservation is released by what became of its question, whoever was there to see it: one that was denied, withdrawn,
    expired, recalled or not spent in time counts no more, and neither does one whose executor reported that it failed.
    An agent that spent its approval itself, or was allowed at once, releases nothing by such a report.
    """
    row = await tx.row(
        "SELECT COALESCE(SUM(r.amount), 0) AS total FROM reservations r"
        " LEFT JOIN escalations e ON e.id = r.escalation_id"
        " LEFT JOIN redemptions d ON d.jti = e.jti"
        " WHERE r.counter = :counter"
        " AND (CAST(:but AS TEXT) IS NULL OR r.escalation_id IS NULL OR r.escalation_id <> :but)"
        " AND ((r.authorization_id IS NOT NULL AND r.at > :since)"
        " OR (e.state = 'open' AND e.expires_at > :now)"
        " OR (e.token_state = 'ready' AND e.valid_until > :now)"
        " OR (e.token_state = 'redeemed' AND d.redeemed_at > :since"
        " AND (d.report IS NULL OR d.report <> 'failed' OR d.idempotency_key LIKE 'authorize:%')))",
        counter=counter,
        since=since,
        now=now,
        but=but,
    )
    return 0 if row is None else int(row["total"])


async def reserve(
    tx: Tx,
    *,
    reservation_id: str,
    org_id: str,
    counter: str,
    amount: int,
    at: int,
    escalation_id: str | None,
    authorization_id: str | None,
) -> None:
    """Add to it, for a question or for an answer that allowed."""
    await tx.execute(
        "INSERT INTO reservations (id, org_id, counter, amount, at, escalation_id, authorization_id)"
        " VALUES (:id, :org, :counter, :amount, :at, :escalation, :authorization)",
        id=reservation_id,
        org=org_id,
        counter=counter,
        amount=amount,
        at=at,
        escalation=escalation_id,
        authorization=authorization_id,
    )


async def forget_old(tx: Tx, *, before: int, limit: int) -> int:
    """Drop reservations and answers from so long ago that no window, question or repeat reaches them."""
    dropped = await tx.execute(
        "DELETE FROM reservations WHERE id IN (SELECT id FROM reservations WHERE at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )
    return dropped + await tx.execute(
        "DELETE FROM authorizations WHERE id IN (SELECT id FROM authorizations WHERE at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )
