"""SQL of policy drafts."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.policies.draft import COLUMNS, STORED, PolicyDraft, draft_of

_MINE = ", ".join(f"d.{name}" for name in STORED)


async def add(tx: Tx, draft: PolicyDraft, *, why: bytes | None) -> None:
    """Keep a new one; `why` is sealed."""
    columns = {name: getattr(draft, name) for name in STORED}
    await tx.execute(
        f"INSERT INTO policy_drafts ({COLUMNS}, why) VALUES ({', '.join(f':{name}' for name in STORED)}, :why)",
        **columns,
        why=why,
    )


async def find(tx: Tx, draft_id: str) -> PolicyDraft | None:
    """One."""
    row = await tx.row(f"SELECT {COLUMNS} FROM policy_drafts WHERE id = :id", id=draft_id)
    return None if row is None else draft_of(row)


async def sealed_why(tx: Tx, draft_id: str) -> bytes | None:
    """Its proposer's words, sealed; None where there are none."""
    row = await tx.row("SELECT why FROM policy_drafts WHERE id = :id", id=draft_id)
    return None if row is None or row["why"] is None else bytes(row["why"])


async def of_org(
    tx: Tx, org_id: str, *, state: str | None, proposed_by: str | None, before: str | None, limit: int
) -> list[PolicyDraft]:
    """An organisation's, newest first; of one state, one proposer, and before one of them, where that is said."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM policy_drafts WHERE org_id = :org"
        " AND (CAST(:state AS TEXT) IS NULL OR state = :state)"
        " AND (CAST(:proposer AS TEXT) IS NULL OR proposed_by = :proposer)"
        " AND (CAST(:before AS TEXT) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        org=org_id,
        state=state,
        proposer=proposed_by,
        before=before,
        limit=limit,
    )
    return [draft_of(row) for row in rows]


async def live_of_org(tx: Tx, org_id: str) -> list[PolicyDraft]:
    """Those that may still come into force; there are never more than `OF_ORG`."""
    rows = await tx.rows(
        f"SELECT {COLUMNS} FROM policy_drafts WHERE org_id = :org AND state IN ('draft', 'open') ORDER BY id",
        org=org_id,
    )
    return [draft_of(row) for row in rows]


async def asked(tx: Tx, draft_id: str, *, escalation_id: str) -> PolicyDraft | None:
    """People are asked about it, once; None where it has ended, or somebody else asked."""
    row = await tx.row(
        "UPDATE policy_drafts SET state = 'open', escalation_id = :escalation WHERE id = :id AND state = 'draft'"
        f" RETURNING {COLUMNS}",
        id=draft_id,
        escalation=escalation_id,
    )
    return None if row is None else draft_of(row)


async def end(
    tx: Tx, draft_id: str, *, state: str, cause: str | None, by: str, at: int, version: int | None = None
) -> PolicyDraft | None:
    """End a live one, once."""
    row = await tx.row(
        "UPDATE policy_drafts SET state = :state, cause = :cause, ended_by = :by, ended_at = :at, version = :version"
        f" WHERE id = :id AND state IN ('draft', 'open') RETURNING {COLUMNS}",
        id=draft_id,
        state=state,
        cause=cause,
        by=by,
        at=at,
        version=version,
    )
    return None if row is None else draft_of(row)


async def to_ask(tx: Tx, limit: int) -> list[str]:
    """Those that nobody was asked about yet, oldest first."""
    rows = await tx.rows("SELECT id FROM policy_drafts WHERE state = 'draft' ORDER BY id LIMIT :limit", limit=limit)
    return [row["id"] for row in rows]


async def due(tx: Tx, limit: int) -> list[PolicyDraft]:
    """Those with something to be done about: people have answered or never will, the policy is another one by now, the
    proposing agent may not act."""
    rows = await tx.rows(
        f"SELECT {_MINE} FROM policy_drafts d LEFT JOIN escalations e ON e.id = d.escalation_id"
        " LEFT JOIN policies p ON p.org_id = d.org_id AND p.name = d.name AND p.removed_at IS NULL"
        " LEFT JOIN agents a ON a.id = d.proposed_by"
        " WHERE d.state = 'open' AND (e.state <> 'open'"
        " OR (d.change IN ('publish', 'remove') AND (COALESCE(p.version, 0) <> d.replaces OR p.id <> d.policy_id))"
        " OR (d.proposer_type = 'agent' AND a.state <> 'active'))"
        " ORDER BY d.id LIMIT :limit",
        limit=limit,
    )
    return [draft_of(row) for row in rows]


async def forget_old(tx: Tx, *, before: int, limit: int) -> int:
    """Drop those that ended before; what they changed stays in the log and in the policies' versions."""
    return await tx.execute(
        "DELETE FROM policy_drafts WHERE id IN (SELECT id FROM policy_drafts WHERE ended_at < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )
