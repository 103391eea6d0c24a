"""SQL of what changes a session's token: refresh tokens, and the new token after a step-up."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def session_of_previous(tx: Tx, previous_hash: bytes, now: int) -> bytes | None:
    """The present token's hash of a session whose token before it is still taken for a moment."""
    row = await tx.row(
        "SELECT token_hash FROM sessions WHERE previous_hash = :hash AND previous_until > :now",
        hash=previous_hash,
        now=now,
    )
    return None if row is None else bytes(row["token_hash"])


async def org_of(tx: Tx, token_hash: bytes, now: int) -> str | None:
    """The organisation of the session whose token this is, or was until a moment ago."""
    row = await tx.row("SELECT org_id FROM sessions WHERE token_hash = :hash", hash=token_hash)
    if row is None:
        row = await tx.row(
            "SELECT org_id FROM sessions WHERE previous_hash = :hash AND previous_until > :now",
            hash=token_hash,
            now=now,
        )
    return None if row is None else str(row["org_id"])


async def rotate(
    tx: Tx, session_id: str, *, token_hash: bytes, token_expires_at: int | None, previous_until: int | None
) -> Row | None:
    """Give a live session another token; the one before is taken until `previous_until`, or not at all."""
    return await tx.row(
        "UPDATE sessions SET previous_hash = CASE WHEN CAST(:until AS INTEGER) IS NULL THEN NULL ELSE token_hash END,"
        " previous_until = :until, token_hash = :hash, token_expires_at = :expires, renewal_owed_at = NULL"
        " WHERE id = :id AND ended_at IS NULL RETURNING id, org_id, person_id, scope, acr, expires_at",
        id=session_id,
        hash=token_hash,
        expires=token_expires_at,
        until=previous_until,
    )


async def owe_renewal(tx: Tx, session_id: str, *, at: int) -> None:
    """The session is to go on with another token: its person has proven more."""
    await tx.execute(
        "UPDATE sessions SET renewal_owed_at = :at WHERE id = :id AND ended_at IS NULL", id=session_id, at=at
    )


async def is_present(tx: Tx, token_hash: bytes, *, owed_only: bool) -> bool:
    """Whether this very token is a live session's present one, with `owed_only` one to be replaced. One of before is
    not."""
    row = await tx.row(
        "SELECT renewal_owed_at FROM sessions WHERE token_hash = :hash AND ended_at IS NULL", hash=token_hash
    )
    return row is not None and not (owed_only and row["renewal_owed_at"] is None)


async def add_refresh_token(tx: Tx, *, token_hash: bytes, session_id: str, at: int) -> None:
    """Store the hash of a refresh token."""
    await tx.execute(
        "INSERT INTO refresh_tokens (token_hash, session_id, created_at) VALUES (:hash, :session, :at)",
        hash=token_hash,
        session=session_id,
        at=at,
    )


async def refresh_token(tx: Tx, token_hash: bytes) -> Row | None:
    """A refresh token, and the session of its family."""
    return await tx.row(
        "SELECT r.session_id, r.used_at, r.ends_at, r.retry_hash, r.salt, s.token_hash, s.token_expires_at, s.org_id,"
        " s.person_id FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id WHERE r.token_hash = :hash",
        hash=token_hash,
    )


async def use_refresh_token(
    tx: Tx, token_hash: bytes, *, at: int, retry_hash: bytes | None = None, salt: bytes | None = None
) -> bool:
    """Spend it, once; with what its holder can ask for the same answer again by."""
    return bool(
        await tx.execute(
            "UPDATE refresh_tokens SET used_at = :at, retry_hash = :retry, salt = :salt"
            " WHERE token_hash = :hash AND used_at IS NULL",
            hash=token_hash,
            at=at,
            retry=retry_hash,
            salt=salt,
        )
    )


async def end_refresh_tokens(tx: Tx, session_id: str, *, ends_at: int) -> None:
    """The unused tokens of a family are good until then and no longer: another one takes their place."""
    await tx.execute(
        "UPDATE refresh_tokens SET ends_at = :ends WHERE session_id = :session AND used_at IS NULL"
        " AND (ends_at IS NULL OR ends_at > :ends)",
        session=session_id,
        ends=ends_at,
    )


async def use_others_up(tx: Tx, session_id: str, *, at: int) -> None:
    """One token of a family was used: the others that were not are worth nothing, and bringing one is a reuse."""
    await tx.execute(
        "UPDATE refresh_tokens SET used_at = :at WHERE session_id = :session AND used_at IS NULL",
        session=session_id,
        at=at,
    )


async def is_native(tx: Tx, session_id: str) -> bool:
    """Whether a session is a native client's, whose token is short-lived and refreshed."""
    row = await tx.row("SELECT token_expires_at FROM sessions WHERE id = :id", id=session_id)
    return row is not None and row["token_expires_at"] is not None


async def opened_before(tx: Tx, person_id: str, *, method: str, client: str | None, since: int) -> bool:
    """Whether the person has signed in this way with this client, and was so after `since`."""
    row = await tx.row(
        "SELECT 1 AS one FROM sessions WHERE person_id = :person AND method = :method"
        " AND COALESCE(client, '') = COALESCE(CAST(:client AS TEXT), '')"
        " AND COALESCE(ended_at, expires_at) >= :since LIMIT 1",
        since=since,
        person=person_id,
        method=method,
        client=client,
    )
    return row is not None


async def end_sessions_in(tx: Tx, person_id: str, org_id: str, *, at: int) -> list[Row]:
    """End a person's sessions in one organisation; those in others go on."""
    return await tx.rows(
        "UPDATE sessions SET ended_at = :at WHERE person_id = :person AND org_id = :org AND ended_at IS NULL"
        " RETURNING id",
        person=person_id,
        org=org_id,
        at=at,
    )


async def forget_places(tx: Tx, *, before: int, limit: int) -> int:
    """Blank address and client of sessions that were over before then.

    The row stays, and names nobody's place: the log's sign-ins say by it how their session ended, and a refresh token
    that was stolen is known by it, whenever it comes.
    """
    return await tx.execute(
        "UPDATE sessions SET client = NULL, address = NULL WHERE id IN (SELECT id FROM sessions"
        " WHERE (client IS NOT NULL OR address IS NOT NULL) AND COALESCE(ended_at, expires_at) < :before LIMIT :limit)",
        before=before,
        limit=limit,
    )
