"""SQL of people, devices and sessions."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.db.sql import In
from approvals_hub.orgs.store import MEMBER_STATE

_DEVICE = (
    "id, person_id, kind, alg, jwk, credential_id, public_key, key_hash, sign_count, backup_eligible, backed_up,"
    " flagged, name, platform, app_version, installation_id, state, digits, invited_by, recovery_id, created_at,"
    " revoked_at, last_used_at"
)


async def add_person(tx: Tx, *, person_id: str, name: str, email: str | None, user_handle: bytes, at: int) -> None:
    """Store a new person."""
    await tx.execute(
        "INSERT INTO people (id, name, email, user_handle, state, created_at)"
        " VALUES (:id, :name, :email, :handle, 'active', :at)",
        id=person_id,
        name=name,
        email=email,
        handle=user_handle,
        at=at,
    )


async def person(tx: Tx, person_id: str) -> Row | None:
    """One person."""
    return await tx.row(
        "SELECT id, name, email, user_handle, state, created_at FROM people WHERE id = :id", id=person_id
    )


async def names(tx: Tx, ids: list[str]) -> dict[str, str]:
    """The names of these people."""
    rows = await tx.rows("SELECT id, name FROM people WHERE id IN :ids", ids=In(ids))
    return {row["id"]: row["name"] for row in rows}


async def person_of_handle(tx: Tx, user_handle: bytes) -> Row | None:
    """Whom a discoverable passkey says it belongs to."""
    return await tx.row("SELECT id, name, state FROM people WHERE user_handle = :handle", handle=user_handle)


async def set_person_state(tx: Tx, person_id: str, *, old: str, new: str) -> Row | None:
    """Change the state, once."""
    return await tx.row(
        "UPDATE people SET state = :new WHERE id = :id AND state = :old RETURNING id", id=person_id, old=old, new=new
    )


async def add_device(tx: Tx, **columns: object) -> None:
    """Store a device. The columns are those of `approvals_hub.people.device.Device`, and a few more."""
    await tx.execute(
        "INSERT INTO devices (id, person_id, kind, alg, jwk, credential_id, public_key, key_hash, sign_count,"
        " backup_eligible, backed_up, name, platform, app_version, installation_id, state, digits, invited_by,"
        " recovery_id, created_at, confirmed_at)"
        " VALUES (:id, :person_id, :kind, :alg, :jwk, :credential_id, :public_key, :key_hash, :sign_count,"
        " :backup_eligible, :backed_up, :name, :platform, :app_version, :installation_id, :state, :digits,"
        " :invited_by, :recovery_id, :created_at, :confirmed_at)",
        **columns,
    )


async def device(tx: Tx, device_id: str) -> Row | None:
    """One device."""
    return await tx.row(f"SELECT {_DEVICE} FROM devices WHERE id = :id", id=device_id)


async def set_app_version(tx: Tx, device_id: str, app_version: str) -> None:
    """What a device runs by now."""
    await tx.execute("UPDATE devices SET app_version = :version WHERE id = :id", id=device_id, version=app_version)


async def device_of_credential(tx: Tx, credential_id: bytes) -> Row | None:
    """The device that a passkey's credential id names."""
    return await tx.row(f"SELECT {_DEVICE} FROM devices WHERE credential_id = :id", id=credential_id)


async def devices(tx: Tx, person_id: str) -> list[Row]:
    """All devices of a person, revoked ones too, oldest first."""
    return await tx.rows(f"SELECT {_DEVICE} FROM devices WHERE person_id = :id ORDER BY id", id=person_id)


async def active_devices(tx: Tx, person_id: str) -> list[Row]:
    """The devices that may sign."""
    return await tx.rows(
        f"SELECT {_DEVICE} FROM devices WHERE person_id = :id AND state = 'active' ORDER BY id", id=person_id
    )


async def active_device_counts(tx: Tx, people: list[str]) -> dict[str, int]:
    """How many devices of each of these people may sign; nobody without one is in it."""
    rows = await tx.rows(
        "SELECT person_id, COUNT(*) AS n FROM devices WHERE person_id IN :people AND state = 'active'"
        " GROUP BY person_id",
        people=In(people),
    )
    return {row["person_id"]: row["n"] for row in rows}


async def standings(tx: Tx, org_id: str) -> list[Row]:
    """Every member's roles and state, and their `key`: 2 where one may sign, 1 where one once could, otherwise 0.

    One lookup for each member, as every opening asks this: a join with grouping takes nearly twice as long.
    """
    return await tx.rows(
        f"SELECT p.id, {MEMBER_STATE} AS state, m.roles, m.invited_as, (SELECT COALESCE(MAX("
        "CASE WHEN d.state = 'active' THEN 2 WHEN d.confirmed_at IS NOT NULL THEN 1 ELSE 0 END), 0)"
        " FROM devices d WHERE d.person_id = p.id) AS key"
        " FROM memberships m JOIN people p ON p.id = m.person_id"
        " WHERE m.org_id = :org AND m.removed_at IS NULL ORDER BY p.id",
        org=org_id,
    )


async def count_passkeys(tx: Tx) -> int:
    """How many passkeys may sign, of everybody in the hub."""
    row = await tx.row("SELECT COUNT(*) AS passkeys FROM devices WHERE kind = 'passkey' AND state = 'active'")
    return 0 if row is None else int(row["passkeys"])


async def pending_devices(tx: Tx, org_id: str) -> list[Row]:
    """Devices in this organisation whose six digits wait for the inviter; what a recovery decides is none of them."""
    return await tx.rows(
        "SELECT d.id, d.person_id, d.kind, d.digits, d.invited_by, d.created_at, p.name AS person_name"
        " FROM devices d JOIN people p ON p.id = d.person_id JOIN memberships m ON m.person_id = d.person_id"
        " WHERE m.org_id = :org AND m.removed_at IS NULL AND d.state = 'pending' AND d.recovery_id IS NULL"
        " ORDER BY d.id",
        org=org_id,
    )


async def confirm_device(tx: Tx, device_id: str, *, by: str, at: int) -> Row | None:
    """Let a pending device sign, once; never the key of a recovery."""
    return await tx.row(
        "UPDATE devices SET state = 'active', digits = NULL, confirmed_at = :at, confirmed_by = :by"
        " WHERE id = :id AND state = 'pending' AND recovery_id IS NULL RETURNING id",
        id=device_id,
        by=by,
        at=at,
    )


async def rename_device(tx: Tx, device_id: str, *, name: str) -> None:
    """Call it otherwise."""
    await tx.execute("UPDATE devices SET name = :name WHERE id = :id", id=device_id, name=name)


async def revoke_device(tx: Tx, device_id: str, *, at: int) -> Row | None:
    """Never let it sign again; forget where its push messages went."""
    await _forget_addresses(tx, "device_id = :id", device_id, at)
    return await tx.row(
        "UPDATE devices SET state = 'revoked', revoked_at = :at, digits = NULL, push_address = NULL"
        " WHERE id = :id AND state <> 'revoked' RETURNING id, person_id, key_hash",
        id=device_id,
        at=at,
    )


async def revoke_devices_of(tx: Tx, person_id: str, *, at: int) -> list[Row]:
    """Revoke all devices of a person."""
    await _forget_addresses(tx, "device_id IS NOT NULL AND person_id = :id", person_id, at)
    return await tx.rows(
        "UPDATE devices SET state = 'revoked', revoked_at = :at, digits = NULL, push_address = NULL"
        " WHERE person_id = :id AND state <> 'revoked' RETURNING id",
        id=person_id,
        at=at,
    )


async def _forget_addresses(tx: Tx, whose: str, name: str, at: int) -> None:
    await tx.execute(
        "UPDATE contacts SET gone_at = :at, cause = 'removed', address = :nothing, address_hash = NULL"
        f" WHERE {whose} AND gone_at IS NULL",
        id=name,
        at=at,
        nothing=b"",
    )


async def used_device(
    tx: Tx, device_id: str, *, sign_count: int, backed_up: bool, flagged: str | None, at: int
) -> None:
    """Keep what a passkey said: its counter, which never goes back here, and whether it is synced; and when."""
    await tx.execute(
        "UPDATE devices SET sign_count = CASE WHEN sign_count < :count THEN :count ELSE sign_count END,"
        " flagged = COALESCE(:flagged, flagged), backed_up = :backed_up, last_used_at = :at"
        " WHERE id = :id",
        id=device_id,
        count=sign_count,
        backed_up=int(backed_up),
        flagged=flagged,
        at=at,
    )


async def add_session(tx: Tx, **columns: object) -> None:
    """Store a session; of its token only the hash."""
    await tx.execute(
        "INSERT INTO sessions (id, token_hash, org_id, person_id, device_id, scope, method, invite_id, acr, amr,"
        " authenticated_at, created_at, last_seen_at, expires_at, token_expires_at, client, address)"
        " VALUES (:id, :token_hash, :org_id, :person_id, :device_id, :scope, :method, :invite_id, :acr, :amr,"
        " :authenticated_at, :created_at, :created_at, :expires_at, :token_expires_at, :client, :address)",
        **columns,
    )


async def session(tx: Tx, token_hash: bytes) -> Row | None:
    """A session with what decides whether it may still be used: one query, as every request of a person runs it."""
    return await tx.row(
        "SELECT s.id, s.org_id, s.person_id, s.device_id, s.method, s.scope, s.invite_id, s.acr, s.amr,"
        " s.authenticated_at, s.created_at, s.last_seen_at, s.expires_at, s.token_expires_at, s.ended_at,"
        f" {MEMBER_STATE} AS person_state,"
        " p.name AS person_name, p.email AS person_email, m.roles, o.name AS org_name, o.absent_until"
        " FROM sessions s JOIN people p ON p.id = s.person_id JOIN orgs o ON o.id = s.org_id"
        " JOIN memberships m ON m.org_id = s.org_id AND m.person_id = s.person_id AND m.removed_at IS NULL"
        " WHERE s.token_hash = :hash",
        hash=token_hash,
    )


async def sessions(tx: Tx, person_id: str, now: int, *, org_id: str | None = None) -> list[Row]:
    """A person's live sessions, in all organisations or in one."""
    return await tx.rows(
        "SELECT id, device_id, method, client, address, scope, acr, created_at, last_seen_at, expires_at FROM sessions"
        " WHERE person_id = :id AND ended_at IS NULL AND expires_at > :now"
        " AND (CAST(:org AS TEXT) IS NULL OR org_id = :org) ORDER BY id",
        id=person_id,
        org=org_id,
        now=now,
    )


async def touch_session(tx: Tx, session_id: str, *, at: int) -> None:
    """Move the idle limit."""
    await tx.execute("UPDATE sessions SET last_seen_at = :at WHERE id = :id", id=session_id, at=at)


async def end_session(tx: Tx, session_id: str, *, person_id: str, at: int, org_id: str | None = None) -> Row | None:
    """End one session of this person, once; where one is named, only in that organisation."""
    return await tx.row(
        "UPDATE sessions SET ended_at = :at WHERE id = :id AND person_id = :person AND ended_at IS NULL"
        " AND (CAST(:org AS TEXT) IS NULL OR org_id = :org) RETURNING id, device_id",
        org=org_id,
        id=session_id,
        person=person_id,
        at=at,
    )


async def end_sessions_of(tx: Tx, person_id: str, *, at: int, device_id: str | None = None) -> list[Row]:
    """End all sessions of a person, or those of one device, in all organisations."""
    return await tx.rows(
        "UPDATE sessions SET ended_at = :at WHERE person_id = :person AND ended_at IS NULL"
        " AND (CAST(:device AS TEXT) IS NULL OR device_id = :device) RETURNING id, org_id",
        person=person_id,
        device=device_id,
        at=at,
    )


async def end_other_sessions(tx: Tx, person_id: str, *, but: str, at: int, org_id: str | None = None) -> list[Row]:
    """End all sessions of a person but one, in all organisations or in one."""
    return await tx.rows(
        "UPDATE sessions SET ended_at = :at WHERE person_id = :person AND ended_at IS NULL AND id <> :but"
        " AND (CAST(:org AS TEXT) IS NULL OR org_id = :org) RETURNING id",
        org=org_id,
        person=person_id,
        but=but,
        at=at,
    )


async def end_sessions_of_invite(tx: Tx, invite_id: str, *, at: int) -> None:
    """End the sessions that one link opened."""
    await tx.execute(
        "UPDATE sessions SET ended_at = :at WHERE invite_id = :invite AND ended_at IS NULL", invite=invite_id, at=at
    )


async def end_every_session(tx: Tx, *, at: int) -> int:
    """End all sessions of everybody; how many there were."""
    return await tx.execute("UPDATE sessions SET ended_at = :at WHERE ended_at IS NULL", at=at)


async def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Drop challenges whose time is over."""
    return await tx.execute(
        "DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE expires_at < :now LIMIT :limit)",
        now=now,
        limit=limit,
    )
