"""Finds who a key id or an API key belongs to, before any unit of work: what it answers never changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

from approvals_hub.agents import handle_store, store
from approvals_hub.agents.agent import ApiKey
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub_client.keys import Ed25519Key, ed25519_of

K = TypeVar("K")
V = TypeVar("V")

KEYS_OF_NAME = 4
"""How many keys of one OpenLeash agent are tried: the one that signs, and those of an overlap."""
REMEMBERED = 20_000
"""Keys kept in memory; the one found first makes room."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """The immutable part of an agent's key. Whether it still counts is decided in the unit of work."""

    key_id: str
    agent_id: str
    org_id: str
    key: Ed25519Key


@dataclass(frozen=True, slots=True)
class AgentKeys:
    """Remembers keys it has found; an unknown one is asked for again each time."""

    db: Database
    _signed: OrderedDict[str, KnownKey] = field(default_factory=OrderedDict)
    _bearers: OrderedDict[bytes, ApiKey] = field(default_factory=OrderedDict)

    async def signed(self, key_id: str) -> KnownKey | None:
        """The public key with this id."""
        known = self._signed.get(key_id)
        if known is None:

            async def work(tx: Tx) -> Row | None:
                return await store.public_key(tx, key_id)

            row = await self.db.read(work)
            if row is None:
                return None
            known = KnownKey(key_id, row["agent_id"], row["org_id"], ed25519_of(row["public_key"]))
            _remember(self._signed, key_id, known)
        return known

    async def known_as(self, handle: str) -> list[KnownKey]:
        """The newest keys of the OpenLeash agent of this name: the name is in no signature, and so it is the key that
        says who it is. Not remembered: a name may pass to another agent of its organisation."""

        async def work(tx: Tx) -> list[Row]:
            return await handle_store.keys(tx, handle, limit=KEYS_OF_NAME)

        return [
            KnownKey(row["id"], row["agent_id"], row["org_id"], ed25519_of(row["public_key"]))
            for row in await self.db.read(work)
        ]

    async def agent_of(self, handle: str) -> str | None:
        """The id of the OpenLeash agent that goes by this name now."""

        async def work(tx: Tx) -> str | None:
            return await handle_store.agent_of(tx, handle)

        return await self.db.read(work)

    async def bearer(self, secret_hash: bytes) -> ApiKey | None:
        """The agent of an API key."""
        known = self._bearers.get(secret_hash)
        if known is None:

            async def work(tx: Tx) -> Row | None:
                return await store.admitted_api_key(tx, secret_hash)

            row = await self.db.read(work)
            if row is None:
                return None
            known = ApiKey(secret_hash, row["agent_id"], row["org_id"])
            _remember(self._bearers, secret_hash, known)
        return known


def _remember(known: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep the newest; nobody can fill it with keys that do not exist."""
    known[key] = value
    if len(known) > REMEMBERED:
        known.popitem(last=False)
