"""Finds the organisation of a session before any unit of work: which one it is never changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from approvals_hub.core.clock import Clock
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import session_store
from approvals_hub.people.session import PersonCredential

REMEMBERED = 20_000
"""Sessions kept in memory; the oldest one makes room."""


@dataclass(frozen=True, slots=True)
class SessionOrgs:
    """Whether the session still counts is decided in the unit of work; this only says whose rows it may touch."""

    db: Database
    clock: Clock
    _orgs: OrderedDict[bytes, str] = field(default_factory=OrderedDict)

    async def credential(self, token_hash: bytes, *, changes: bool = True) -> PersonCredential | None:
        """The credential of a session token's hash, for a request that `changes` something or only reads; None for a
        token that nobody was given."""
        org_id = self._orgs.get(token_hash)
        if org_id is None:
            now = self.clock.now()

            async def work(tx: Tx) -> str | None:
                return await session_store.org_of(tx, token_hash, now)

            org_id = await self.db.read(work)
            if org_id is None:
                return None
            self._orgs[token_hash] = org_id
            if len(self._orgs) > REMEMBERED:
                self._orgs.popitem(last=False)
        return PersonCredential(token_hash, org_id, changes)
