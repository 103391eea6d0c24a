"""SQL of how people are found by their mail address, and what is known of it."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.orgs.store import MEMBER_STATE


async def members_with_email(tx: Tx, org_id: str, email: str) -> list[Row]:
    """The members of an organisation with this address, and how many keys each of them ever had."""
    return await tx.rows(
        f"SELECT p.id, {MEMBER_STATE} AS state, COUNT(d.confirmed_at) AS ever FROM people p"
        " JOIN memberships m ON m.person_id = p.id AND m.org_id = :org AND m.removed_at IS NULL"
        " LEFT JOIN devices d ON d.person_id = p.id WHERE lower(p.email) = :email GROUP BY p.id, p.state, m.disabled_at"
        " ORDER BY p.id",
        org=org_id,
        email=email.lower(),
    )


async def reader_of(tx: Tx, email: str) -> Row | None:
    """The active person whom a link to this address is for: one who showed to read it first, then the oldest; and
    where it leads.

    An address was written down by whoever invited its person. It leads into no organisation that the person joined, or
    made, with a key of theirs: otherwise a mailbox of the inviter's choice would open those.
    """
    return await tx.row(
        "SELECT p.id, m.org_id FROM people p JOIN memberships m ON m.person_id = p.id AND m.removed_at IS NULL"
        " AND m.disabled_at IS NULL JOIN orgs o ON o.id = m.org_id"
        " WHERE lower(p.email) = :email AND p.state = 'active' AND COALESCE(o.made_by, '') <> p.id"
        " AND NOT EXISTS (SELECT 1 FROM joinings j WHERE j.org_id = m.org_id AND j.person_id = p.id"
        " AND j.state = 'joined')"
        " ORDER BY CASE WHEN p.email_verified_at IS NULL THEN 1 ELSE 0 END, p.id, m.created_at, m.org_id LIMIT 1",
        email=email.lower(),
    )


async def verify_email(tx: Tx, person_id: str, email: str, *, at: int) -> bool:
    """The person reads mail to this address; False where it was known, or theirs is another one by now."""
    return bool(
        await tx.execute(
            "UPDATE people SET email_verified_at = :at"
            " WHERE id = :id AND lower(email) = :email AND email_verified_at IS NULL",
            id=person_id,
            email=email.lower(),
            at=at,
        )
    )


async def verified_email(tx: Tx, person_id: str) -> str | None:
    """The address at which the person showed to read mail."""
    row = await tx.row(
        "SELECT email FROM people WHERE id = :id AND email_verified_at IS NOT NULL AND email IS NOT NULL", id=person_id
    )
    return None if row is None else str(row["email"])


async def ever_had_key(tx: Tx, person_id: str) -> bool:
    """Whether a key of this person ever counted."""
    row = await tx.row(
        "SELECT 1 AS one FROM devices WHERE person_id = :id AND confirmed_at IS NOT NULL LIMIT 1", id=person_id
    )
    return row is not None
