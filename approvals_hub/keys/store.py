"""SQL of data keys and signing keys."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def data_key(tx: Tx, scope: str) -> Row | None:
    """The wrapped key of a scope."""
    return await tx.row("SELECT kek_id, wrapped FROM data_keys WHERE scope = :scope", scope=scope)


async def data_keys_of(tx: Tx, scope: str) -> list[Row]:
    """The wrapped key of a scope, as a list of one or none, with its id."""
    return await tx.rows("SELECT id, scope, kek_id, wrapped FROM data_keys WHERE scope = :scope", scope=scope)


async def add_data_key(tx: Tx, *, key_id: str, scope: str, kek_id: str, wrapped: bytes, at: int) -> None:
    """Store the wrapped key of a new scope; the first writer wins."""
    await tx.execute(
        "INSERT INTO data_keys (id, scope, kek_id, wrapped, created_at) VALUES (:id, :scope, :kek, :wrapped, :at)"
        " ON CONFLICT (scope) DO NOTHING",
        id=key_id,
        scope=scope,
        kek=kek_id,
        wrapped=wrapped,
        at=at,
    )


async def data_keys_not_under(tx: Tx, kek_id: str, limit: int) -> list[Row]:
    """Data keys that another key-encryption key still wraps."""
    return await tx.rows(
        "SELECT id, scope, kek_id, wrapped FROM data_keys WHERE kek_id <> :kek ORDER BY id LIMIT :limit",
        kek=kek_id,
        limit=limit,
    )


async def rewrap(tx: Tx, key_id: str, *, old: str, new: str, wrapped: bytes) -> int:
    """Put the new wrapping in the place of the old one, once."""
    return await tx.execute(
        "UPDATE data_keys SET kek_id = :new, wrapped = :wrapped WHERE id = :id AND kek_id = :old",
        id=key_id,
        old=old,
        new=new,
        wrapped=wrapped,
    )


async def signing_keys(tx: Tx) -> list[Row]:
    """All signing keys, oldest first."""
    return await tx.rows(
        "SELECT kid, purpose, public_key, sealed_seed, created_at, active_from, retired_at, valid_until, compromised_at"
        " FROM signing_keys ORDER BY created_at, kid"
    )


async def add_signing_key(
    tx: Tx, *, kid: str, purpose: str, public_key: bytes, sealed_seed: bytes, at: int, active_from: int
) -> None:
    """Store a new key that signs from `active_from` on."""
    await tx.execute(
        "INSERT INTO signing_keys (kid, purpose, public_key, sealed_seed, created_at, active_from)"
        " VALUES (:kid, :purpose, :public_key, :sealed, :at, :start)",
        start=active_from,
        kid=kid,
        purpose=purpose,
        public_key=public_key,
        sealed=sealed_seed,
        at=at,
    )


async def retire_others(tx: Tx, *, kid: str, purpose: str, at: int, valid_until: int) -> list[Row]:
    """Stop every other key of this purpose from signing; what they signed verifies until `valid_until`."""
    return await tx.rows(
        "UPDATE signing_keys SET retired_at = :at, valid_until = :until"
        " WHERE purpose = :purpose AND kid <> :kid AND retired_at IS NULL RETURNING kid",
        kid=kid,
        purpose=purpose,
        at=at,
        until=valid_until,
    )


async def forget_seeds(tx: Tx) -> int:
    """Drop the private half of every signing key; what they signed still verifies."""
    return await tx.execute("UPDATE signing_keys SET sealed_seed = NULL WHERE sealed_seed IS NOT NULL")


async def mark_compromised(tx: Tx, *, kid: str, at: int) -> Row | None:
    """Nothing that this key signs counts from `at` on."""
    return await tx.row(
        "UPDATE signing_keys SET compromised_at = :at, retired_at = COALESCE(retired_at, :at)"
        " WHERE kid = :kid AND compromised_at IS NULL RETURNING kid, purpose",
        kid=kid,
        at=at,
    )


async def setting(tx: Tx, name: str) -> str | None:
    """A fact that the hub keeps about itself: its epoch, its relying party id."""
    row = await tx.row("SELECT value FROM hub_settings WHERE name = :name", name=name)
    return None if row is None else row["value"]


async def add_setting(tx: Tx, name: str, value: str) -> None:
    """Keep such a fact, once; the first writer wins."""
    await tx.execute(
        "INSERT INTO hub_settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
        name=name,
        value=value,
    )


async def put_setting(tx: Tx, name: str, value: str) -> None:
    """Keep or replace such a fact."""
    await tx.execute(
        "INSERT INTO hub_settings (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=name,
        value=value,
    )
