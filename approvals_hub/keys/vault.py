"""The data keys of the hub, its organisations and people: opened once, then kept in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from approvals_hub.core.ids import new_id
from approvals_hub.core.sealing import KeyEncryptionKeys, new_key, seal, unseal
from approvals_hub.db.database import Tx
from approvals_hub.keys import store

HUB = "hub"


@dataclass(slots=True)
class Vault:
    """Seals and opens records under the data key of a scope: the hub, an organisation or a person."""

    keks: KeyEncryptionKeys
    _open: dict[str, bytes] = field(default_factory=dict)

    async def create_in(self, tx: Tx, scope: str, *, at: int) -> None:
        """Make the data key of a new scope. Where it has one already, that one stays."""
        kek_id, wrapped = self.keks.wrap(new_key(), scope)
        await store.add_data_key(tx, key_id=new_id("dek"), scope=scope, kek_id=kek_id, wrapped=wrapped, at=at)

    async def key_in(self, tx: Tx, scope: str) -> bytes:
        """The data key of a scope.

        Raises LookupError where the scope has none, SealBroken where the key file does not open it.
        """
        key = self._open.get(scope)
        if key is None:
            row = await store.data_key(tx, scope)
            if row is None:
                raise LookupError(f"{scope} has no data key")
            key = self._open[scope] = self.keks.unwrap(row["kek_id"], row["wrapped"], scope)
        return key

    async def seal_in(self, tx: Tx, scope: str, plain: bytes, context: str) -> bytes:
        """Seal a record under the scope's key."""
        return seal(await self.key_in(tx, scope), plain, context)

    async def unseal_in(self, tx: Tx, scope: str, sealed: bytes, context: str) -> bytes:
        """Open a record. Raises SealBroken for another scope's or record's bytes."""
        return unseal(await self.key_in(tx, scope), sealed, context)


async def rewrap_all(
    run: Callable[[Callable[[Tx], Awaitable[int]]], Awaitable[int]], keks: KeyEncryptionKeys, *, page: int = 200
) -> int:
    """Wrap every data key under the active key-encryption key; returns how many it changed.

    Each page is its own unit of work: killed half-way, both keys still open what they wrap, and the next call goes on.
    """

    async def work(tx: Tx) -> int:
        rows = await store.data_keys_not_under(tx, keks.active, page)
        for row in rows:
            data_key = keks.unwrap(row["kek_id"], row["wrapped"], row["scope"])
            kek_id, wrapped = keks.wrap(data_key, row["scope"])
            await store.rewrap(tx, row["id"], old=row["kek_id"], new=kek_id, wrapped=wrapped)
        return len(rows)

    total = 0
    while changed := await run(work):
        total += changed
    return total
