"""The data keys of the hub, its organisations and people: opened once a connection, then kept in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from approvals_hub.core.ids import new_id
from approvals_hub.core.sealing import KeyEncryptionKeys, Mac, derive, new_key, seal, unseal
from approvals_hub.db.database import Row, Tx
from approvals_hub.keys import store

HUB = "hub"


@dataclass(slots=True)
class Vault:
    """Seals and opens records under the data key of a scope: the hub, an organisation or a person."""

    keks: KeyEncryptionKeys = field(repr=False)
    reread: Callable[[], KeyEncryptionKeys] | None = None
    """Reads the key file again; asked where a key is not in memory, as another process may have rotated it."""

    async def create_in(self, tx: Tx, scope: str, *, at: int) -> None:
        """Make the data key of a new scope. Where it has one already, that one stays.

        Raises SealBroken where the key file lacks the key that wraps the hub's own data key: what was made then
        could not be opened again.
        """
        kek_id = await _present_kek(tx)
        kek_id, wrapped = self._knowing(kek_id).wrap(new_key(), scope, under=kek_id)
        await store.add_data_key(tx, key_id=new_id("dek"), scope=scope, kek_id=kek_id, wrapped=wrapped, at=at)

    async def key_in(self, tx: Tx, scope: str) -> bytes:
        """The data key of a scope.

        Raises LookupError where the scope has none, SealBroken where the key file does not open it.
        """
        place = "data-key:" + scope
        # The connection's memory forgets with a rollback: a key that was never committed must not seal anything.
        key: bytes | None = tx.memory.get(place)
        if key is None:
            key = tx.memory[place] = await self._read_in(tx, scope)
        return key

    async def seal_in(self, tx: Tx, scope: str, plain: bytes, context: str) -> bytes:
        """Seal a record under the scope's key."""
        return seal(await self.key_in(tx, scope), plain, context)

    async def unseal_in(self, tx: Tx, scope: str, sealed: bytes, context: str) -> bytes:
        """Open a record. Raises SealBroken for another scope's or record's bytes."""
        return unseal(await self.key_in(tx, scope), sealed, context)

    async def unseal_anew_in(self, tx: Tx, scope: str, sealed: bytes, context: str) -> bytes:
        """The same, with the same work each time: how long it takes must not tell whose record was opened before."""
        return unseal(await self._read_in(tx, scope), sealed, context)

    async def keyed_in(self, tx: Tx, scope: str, use: str, value: bytes) -> bytes:
        """HMAC-SHA256 of a value under a key of the scope, for one use: equal values are found by it.

        Who has the database alone cannot try out which value it was, as they could with a plain hash.
        """
        place = "find-key:" + scope
        mac: Mac | None = tx.memory.get(place)
        if mac is None:
            mac = tx.memory[place] = Mac(derive(await self.key_in(tx, scope), "find"))
        return mac.of(use.encode() + b"\0", value)

    async def _read_in(self, tx: Tx, scope: str) -> bytes:
        row = await store.data_key(tx, scope)
        if row is None:
            raise LookupError(f"{scope} has no data key")
        kek_id = row["kek_id"]
        return self._knowing(kek_id).unwrap(kek_id, row["wrapped"], scope)

    def _knowing(self, kek_id: str | None) -> KeyEncryptionKeys:
        if kek_id is not None and kek_id not in self.keks.keys and self.reread is not None:
            self.keks = self.reread()
        return self.keks


async def rewrap_all(
    run: Callable[[Callable[[Tx], Awaitable[int]]], Awaitable[int]], keks: KeyEncryptionKeys, *, page: int = 200
) -> int:
    """Wrap every data key under the active key-encryption key; returns how many it changed.

    The hub's own goes first: from then on new data keys are wrapped under the active one, in every process. Each page
    is its own unit of work: killed half-way, both keys still open what they wrap, and the next call goes on.
    """

    async def first(tx: Tx) -> int:
        if await _present_kek(tx) == keks.active:
            return 0
        return await _rewrap(tx, await store.data_keys_of(tx, HUB), keks)

    async def work(tx: Tx) -> int:
        return await _rewrap(tx, await store.data_keys_not_under(tx, keks.active, page), keks)

    total = await run(first)
    while changed := await run(work):
        total += changed
    return total


async def _rewrap(tx: Tx, rows: list[Row], keks: KeyEncryptionKeys) -> int:
    for row in rows:
        data_key = keks.unwrap(row["kek_id"], row["wrapped"], row["scope"])
        kek_id, wrapped = keks.wrap(data_key, row["scope"])
        await store.rewrap(tx, row["id"], old=row["kek_id"], new=kek_id, wrapped=wrapped)
    return len(rows)


async def _present_kek(tx: Tx) -> str | None:
    """The key that wraps the hub's own data key, held until the unit ends; None in a new database.

    Whoever makes a data key and whoever rotates both hold that row, so that no key is made under an old one after
    the rotation has looked for the last time.
    """
    for row in await store.data_keys_of(tx, HUB):
        await tx.lock("data_keys", row["id"])
    return next((str(row["kek_id"]) for row in await store.data_keys_of(tx, HUB)), None)
