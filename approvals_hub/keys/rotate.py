"""Use cases of the operator: a new signing key, a compromised one, a new key-encryption key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import NotFound
from approvals_hub.core.sealing import with_new_active, write_key_file
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys import store
from approvals_hub.keys.key import OVERLAP, TOKEN, SigningKey
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.vault import HUB, Vault, rewrap_all
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id

HUB_LOG = "org_hub"
"""The organisation id under which the hub keeps the log of its own affairs."""


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """Changes the hub's keys while it serves."""

    db: Database
    vault: Vault
    ring: KeyRing
    recorder: Recorder
    clock: Clock
    key_file: Path

    async def signing_key(self, purpose: str = TOKEN) -> SigningKey:
        """Make a key that signs from now on; the one before verifies for the overlap, then no more.

        A log key is never replaced this way: its verifier key is pinned by auditors, and lives as long as the log.
        """
        pair = Ed25519SigningKey()
        kid = key_id(pair.public)
        now = self.clock.now()

        async def work(tx: Tx) -> None:
            sealed = await self.vault.seal_in(tx, HUB, pair.seed, f"signing-key:{kid}")
            await store.add_signing_key(
                tx, kid=kid, purpose=purpose, public_key=pair.public.raw, sealed_seed=sealed, at=now
            )
            retired = await store.retire_others(tx, kid=kid, purpose=purpose, at=now, valid_until=now + OVERLAP)
            detail: Detail = {"purpose": purpose, "retired": [row["kid"] for row in retired]}
            await self._record(tx, "key.rotated", now, kid, detail)
            tx.changed("keys")

        await self.db.run(work)
        await self.ring.load()
        key = self.ring.find(kid)
        assert key is not None
        return key

    async def mark_compromised(self, kid: str) -> None:
        """From now on nothing that this key signs counts. Raises NotFound for an unknown or already marked key."""
        now = self.clock.now()

        async def work(tx: Tx) -> bool:
            row = await store.mark_compromised(tx, kid=kid, at=now)
            if row is None:
                return False
            await self._record(tx, "key.compromised", now, kid, {"purpose": row["purpose"]})
            tx.changed("keys")
            return True

        if not await self.db.run(work):
            raise NotFound("key_unknown", f"no unmarked key {kid}", next_step="See: approvals-hub keys list")
        await self.ring.load()

    async def key_encryption_key(self) -> int:
        """Put a new key-encryption key in front of the file and wrap every data key under it; returns how many.

        The file holds both keys before the first row changes and drops the old ones after the last: whenever this
        is killed, every row still opens, and running it again finishes.
        """
        keks = with_new_active(self.vault.keks)
        write_key_file(self.key_file, keks)
        self.vault.keks = keks
        changed = await rewrap_all(self.db.run, keks)
        now = self.clock.now()

        async def work(tx: Tx) -> None:
            await self._record(tx, "data_key.rotated", now, keks.active, {"rewrapped": changed})

        await self.db.run(work)
        only = type(keks)({keks.active: keks.keys[keks.active]})
        write_key_file(self.key_file, only)
        self.vault.keks = only
        return changed

    async def _record(self, tx: Tx, kind: Kind, at: int, kid: str, detail: Detail) -> None:
        event = Event(
            kind=kind,
            org_id=HUB_LOG,
            at=at,
            actor_type="operator",
            actor_id="operator",
            proof_kid=kid,
            detail=detail,
        )
        await self.recorder.record(tx, event)
