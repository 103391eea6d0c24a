"""SQL of the relay's handles."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx


async def add(
    tx: Tx,
    *,
    handle_hash: bytes,
    owner_hash: bytes,
    platform: str,
    language: str,
    address: bytes,
    kek_id: str,
    at: int,
) -> None:
    """A new handle; its address is sealed by now."""
    await tx.execute(
        "INSERT INTO handles (handle_hash, owner_hash, platform, language, address, kek_id, registered_at)"
        " VALUES (:handle_hash, :owner_hash, :platform, :language, :address, :kek_id, :at)",
        handle_hash=handle_hash,
        owner_hash=owner_hash,
        platform=platform,
        language=language,
        address=address,
        kek_id=kek_id,
        at=at,
    )


async def find(tx: Tx, handle_hash: bytes) -> Row | None:
    """The handle."""
    return await tx.row(
        "SELECT handle_hash, platform, language, address, kek_id, registered_at FROM handles WHERE handle_hash = :hash",
        hash=handle_hash,
    )


async def newest(tx: Tx) -> Row | None:
    """The handle whose address was told last."""
    return await tx.row("SELECT handle_hash, address, kek_id FROM handles ORDER BY registered_at DESC LIMIT 1")


async def handle_of(tx: Tx, owner_hash: bytes) -> bytes | None:
    """The hash of the handle that this owner has."""
    row = await tx.row("SELECT handle_hash FROM handles WHERE owner_hash = :hash", hash=owner_hash)
    return None if row is None else bytes(row["handle_hash"])


async def replace(
    tx: Tx, handle_hash: bytes, *, platform: str, language: str, address: bytes, kek_id: str, at: int
) -> bool:
    """Wake another address from now on; False where the handle is gone."""
    changed = await tx.execute(
        "UPDATE handles SET platform = :platform, language = :language, address = :address, kek_id = :kek_id,"
        " registered_at = :at WHERE handle_hash = :hash",
        hash=handle_hash,
        platform=platform,
        language=language,
        address=address,
        kek_id=kek_id,
        at=at,
    )
    return changed > 0


async def end(tx: Tx, handle_hash: bytes) -> int:
    """Forget a handle."""
    return await tx.execute("DELETE FROM handles WHERE handle_hash = :hash", hash=handle_hash)


async def end_with(tx: Tx, handle_hash: bytes, *, address: bytes) -> int:
    """Forget a handle unless its app has told another address meanwhile. `address`: as it was sealed."""
    return await tx.execute(
        "DELETE FROM handles WHERE handle_hash = :hash AND address = :address", hash=handle_hash, address=address
    )


async def end_before(tx: Tx, at: int) -> int:
    """Forget the handles whose app has not told its address since; how many."""
    return await tx.execute("DELETE FROM handles WHERE registered_at < :at", at=at)


async def count(tx: Tx) -> int:
    """How many there are."""
    row = await tx.row("SELECT COUNT(*) AS n FROM handles")
    assert row is not None
    return int(row["n"])
