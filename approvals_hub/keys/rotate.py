"""Use cases of the operator: a new signing key, a compromised one, a new key-encryption key."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import Conflict, NotFound
from approvals_hub.core.sealing import KeyEncryptionKeys, read_key_file, with_new_active, write_key_file
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys import store
from approvals_hub.keys.key import OVERLAP, TOKEN, SigningKey
from approvals_hub.keys.ring import KeyRing
from approvals_hub.keys.vault import HUB, Vault, rewrap_all
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.paseto import key_id

HUB_LOG = "org_hub"
"""The organisation id under which the hub keeps the log of its own affairs."""
PUBLISHED_AHEAD = 10 * SECOND
"""How long a new key is known before it signs, in milliseconds: every process has read the keys again by then, so that
none of them meets a token of a key that it does not know."""


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """Changes the hub's keys while it serves."""

    db: Database
    vault: Vault
    ring: KeyRing
    recorder: Recorder
    clock: Clock
    key_file: Path
    tell_in: Callable[[Tx, str, int], Awaitable[None]]
    """Tells whoever must know that this key was marked as compromised, in the unit of work that marks it."""

    async def signing_key(self, purpose: str = TOKEN) -> SigningKey:
        """Make a key that signs from `PUBLISHED_AHEAD` on, at once where none does; the one before verifies for the
        overlap, then no more.

        A log key is never replaced this way: its verifier key is pinned by auditors, and lives as long as the log.
        """
        pair = Ed25519SigningKey()
        kid = key_id(pair.public)
        now = self.clock.now()
        signs = any(key.may_sign(now) for key in self.ring.all(purpose))
        start = now + PUBLISHED_AHEAD if signs else now

        async def work(tx: Tx) -> None:
            sealed = await self.vault.seal_in(tx, HUB, pair.seed, f"signing-key:{kid}")
            await store.add_signing_key(
                tx, kid=kid, purpose=purpose, public_key=pair.public.raw, sealed_seed=sealed, at=now, active_from=start
            )
            retired = await store.retire_others(tx, kid=kid, purpose=purpose, at=start, valid_until=start + OVERLAP)
            detail: Detail = {"purpose": purpose, "retired": [row["kid"] for row in retired]}
            await self._record(tx, "key.rotated", now, kid, detail)
            tx.changed("keys")

        await self.db.run(work)
        await self.ring.load()
        key = self.ring.find(kid)
        assert key is not None
        return key

    async def mark_compromised(self, kid: str) -> None:
        """From now on nothing that this key signs counts, and owners and admins of every organisation are told.

        Raises NotFound for an unknown or already marked key.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> bool:
            row = await store.mark_compromised(tx, kid=kid, at=now)
            if row is None:
                return False
            await self._record(tx, "key.compromised", now, kid, {"purpose": row["purpose"]})
            await self.tell_in(tx, kid, now)
            tx.changed("keys")
            return True

        if not await self.db.run(work):
            raise NotFound("key_unknown", f"no unmarked key {kid}", next_step="See: approvals-hub keys list")
        await self.ring.load()

    async def key_encryption_key(self) -> int:
        """Put a new key-encryption key in front of the file and wrap every data key under it; returns how many.

        The file holds both keys before the first row changes and drops the old ones after the last: whenever this
        is killed, every row still opens, and running it again finishes. A backup from before needs the key file of its
        time. Raises Conflict while another rotation runs, KeyFileError.
        """
        with _alone(self.key_file):
            keks = with_new_active(read_key_file(self.key_file))
            write_key_file(self.key_file, keks)
            self.vault.keks = keks
            changed = await rewrap_all(self.db.run, keks)
            now = self.clock.now()

            async def work(tx: Tx) -> None:
                await self._record(tx, "data_key.rotated", now, keks.active, {"rewrapped": changed})

            await self.db.run(work)
            only = KeyEncryptionKeys({keks.active: keks.keys[keks.active]})
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


@contextmanager
def _alone(key_file: Path) -> Iterator[None]:
    """Two rotations at once would each drop the other's new key. The lock ends with the process that holds it."""
    folder = os.open(key_file.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "rotation_running", "the key file is being rotated", next_step="Wait until it has finished."
            ) from None
        yield
    finally:
        os.close(folder)
