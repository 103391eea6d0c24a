"""SQL of the registry of relying parties."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_COLUMNS = "domain, trust_profile, changed_at, changed_by"


async def parties(tx: Tx, org_id: str) -> list[Row]:
    """All of an organisation, by name. There are never more than `PARTIES_LIMIT`."""
    return await tx.rows(f"SELECT {_COLUMNS} FROM relying_parties WHERE org_id = :org ORDER BY domain", org=org_id)


async def party(tx: Tx, org_id: str, domain: str) -> Row | None:
    """One of them."""
    return await tx.row(
        f"SELECT {_COLUMNS} FROM relying_parties WHERE org_id = :org AND domain = :domain", org=org_id, domain=domain
    )


async def count(tx: Tx, org_id: str) -> int:
    """How many there are."""
    row = await tx.row("SELECT COUNT(*) AS parties FROM relying_parties WHERE org_id = :org", org=org_id)
    return 0 if row is None else int(row["parties"])


async def put(tx: Tx, *, org_id: str, domain: str, trust_profile: str, at: int, by: str) -> None:
    """Say how far one is trusted."""
    await tx.execute(
        "INSERT INTO relying_parties (org_id, domain, trust_profile, changed_at, changed_by)"
        " VALUES (:org, :domain, :profile, :at, :by)"
        " ON CONFLICT (org_id, domain) DO UPDATE SET trust_profile = excluded.trust_profile,"
        " changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        org=org_id,
        domain=domain,
        profile=trust_profile,
        at=at,
        by=by,
    )


async def remove(tx: Tx, org_id: str, domain: str) -> None:
    """Say nothing of it any more."""
    await tx.execute("DELETE FROM relying_parties WHERE org_id = :org AND domain = :domain", org=org_id, domain=domain)
