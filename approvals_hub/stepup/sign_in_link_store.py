"""SQL of links by mail."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx

_COLUMNS = "id, person_id, org_id, secret_hash, code_hash, language, tries, send_at, expires_at, used_at"


async def add(
    tx: Tx,
    *,
    link_id: str,
    person_id: str | None,
    org_id: str | None,
    secret_hash: bytes,
    code_hash: bytes,
    language: str,
    source: str,
    at: int,
    expires_at: int,
) -> None:
    """Store a link that is to be sent; for nobody, one that is not."""
    await tx.execute(
        "INSERT INTO sign_in_links (id, person_id, org_id, secret_hash, code_hash, language, tries, send_at, source,"
        " began_at, expires_at) VALUES (:id, :person, :org, :secret, :code, :language, 0,"
        " CASE WHEN CAST(:person AS TEXT) IS NULL THEN NULL ELSE CAST(:at AS INTEGER) END, :source, :at, :expires)",
        id=link_id,
        person=person_id,
        org=org_id,
        secret=secret_hash,
        code=code_hash,
        language=language,
        source=source,
        at=at,
        expires=expires_at,
    )


async def asked_since(tx: Tx, since: int, *, source: str | None, limit: int) -> int:
    """How many were asked for since then, from this address or in all, counted up to `limit`."""
    rows = await tx.rows(
        "SELECT id FROM sign_in_links WHERE began_at > :since AND source = :source LIMIT :limit"
        if source is not None
        else "SELECT id FROM sign_in_links WHERE began_at > :since LIMIT :limit",
        since=since,
        limit=limit,
        **({} if source is None else {"source": source}),
    )
    return len(rows)


async def sent_since(tx: Tx, since: int, *, person_id: str, limit: int) -> int:
    """How many this person was sent since then, counted up to `limit`."""
    rows = await tx.rows(
        "SELECT id FROM sign_in_links WHERE person_id = :person AND began_at > :since LIMIT :limit",
        person=person_id,
        since=since,
        limit=limit,
    )
    return len(rows)


async def any_due(tx: Tx, now: int) -> bool:
    """Whether one is to be sent, or dropped."""
    row = await tx.row(
        "SELECT 1 AS one FROM sign_in_links WHERE send_at IS NOT NULL AND send_at <= :now"
        " UNION ALL SELECT 1 AS one FROM sign_in_links WHERE expires_at <= :now LIMIT 1",
        now=now,
    )
    return row is not None


async def claim_due(tx: Tx, *, now: int, until: int, limit: int) -> list[Row]:
    """Links to be sent now, with whom they are for; nobody else sends them before `until`."""
    rows = await tx.rows(
        "UPDATE sign_in_links SET send_at = :until WHERE id IN (SELECT id FROM sign_in_links WHERE send_at IS NOT NULL"
        " AND send_at <= :now AND expires_at > :now ORDER BY send_at LIMIT :limit) AND send_at <= :now RETURNING id",
        now=now,
        until=until,
        limit=limit,
    )
    found = []
    for row in rows:
        link = await tx.row(
            "SELECT l.id, l.language, l.expires_at, p.email, o.name AS org_name FROM sign_in_links l"
            " JOIN people p ON p.id = l.person_id AND p.state = 'active' AND p.email IS NOT NULL"
            " JOIN orgs o ON o.id = l.org_id WHERE l.id = :id",
            id=row["id"],
        )
        if link is None:
            await sent(tx, row["id"])
        else:
            found.append(link)
    return found


async def give_token(tx: Tx, link_id: str, token_hash: bytes) -> None:
    """The token of the link that is sent now; one that was sent before is void."""
    await tx.execute("UPDATE sign_in_links SET token_hash = :hash WHERE id = :id", id=link_id, hash=token_hash)


async def sent(tx: Tx, link_id: str) -> None:
    """It was sent, or never will be."""
    await tx.execute("UPDATE sign_in_links SET send_at = NULL WHERE id = :id", id=link_id)


async def send_later(tx: Tx, link_id: str, *, at: int) -> None:
    """It could not be sent: again then."""
    await tx.execute("UPDATE sign_in_links SET send_at = :at WHERE id = :id AND send_at IS NOT NULL", id=link_id, at=at)


async def of_token(tx: Tx, token_hash: bytes) -> Row | None:
    """The link with this token."""
    return await tx.row(f"SELECT {_COLUMNS} FROM sign_in_links WHERE token_hash = :hash", hash=token_hash)


async def count_wrong(tx: Tx, link_id: str, *, most: int, now: int) -> None:
    """Count a wrong code; the last one that is allowed uses the link up."""
    await tx.execute(
        "UPDATE sign_in_links SET tries = tries + 1,"
        " used_at = CASE WHEN tries + 1 >= :most AND used_at IS NULL THEN CAST(:now AS INTEGER) ELSE used_at END"
        " WHERE id = :id",
        id=link_id,
        most=most,
        now=now,
    )


async def use(tx: Tx, link_id: str, *, at: int) -> bool:
    """Spend it, once, before it expires."""
    return bool(
        await tx.execute(
            "UPDATE sign_in_links SET used_at = :at WHERE id = :id AND used_at IS NULL AND expires_at > :at",
            id=link_id,
            at=at,
        )
    )


async def forget_expired(tx: Tx, *, now: int, limit: int) -> int:
    """Drop those whose time is over."""
    return await tx.execute(
        "DELETE FROM sign_in_links WHERE id IN (SELECT id FROM sign_in_links WHERE expires_at <= :now LIMIT :limit)",
        now=now,
        limit=limit,
    )
