"""The signing keys in memory, opened once and read again when another process may have rotated them."""

from __future__ import annotations

from dataclasses import dataclass, field

from approvals_hub.core.errors import Unavailable
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys import store
from approvals_hub.keys.key import TOKEN, SigningKey
from approvals_hub.keys.vault import HUB, Vault
from approvals_hub_client.keys import Ed25519Key, Ed25519SigningKey, ed25519_of
from approvals_hub_client.paseto import key_id


@dataclass(slots=True)
class KeyRing:
    """All signing keys; `load` reads them, the other methods answer from memory."""

    db: Database
    vault: Vault
    _keys: dict[str, SigningKey] = field(default_factory=dict)

    async def load(self) -> None:
        """Read the keys; called at start, after a rotation, and every few seconds where processes share a database.

        Raises SealBroken where a stored key is not the one that its id and its private half say; what was read before
        stays.
        """

        async def work(tx: Tx) -> dict[str, SigningKey]:
            keys = {}
            for row in await store.signing_keys(tx):
                sealed = row["sealed_seed"]
                seed = None
                if sealed is not None:
                    seed = await self.vault.unseal_in(tx, HUB, sealed, f"signing-key:{row['kid']}")
                public = ed25519_of(row["public_key"])
                # Whoever can write to the table could put a public key of their own there, and their tokens would hold.
                if key_id(public) != row["kid"] or (seed is not None and Ed25519SigningKey(seed).public != public):
                    raise SealBroken(f"the stored public key of {row['kid']} is another one")
                keys[row["kid"]] = SigningKey(
                    kid=row["kid"],
                    purpose=row["purpose"],
                    public=public,
                    seed=seed,
                    created_at=row["created_at"],
                    active_from=row["active_from"],
                    retired_at=row["retired_at"],
                    valid_until=row["valid_until"],
                    compromised_at=row["compromised_at"],
                )
            return keys

        self._keys = await self.db.read(work)

    def all(self, purpose: str) -> list[SigningKey]:
        """Every key of a purpose, oldest first, retired and compromised ones too."""
        return [key for key in self._keys.values() if key.purpose == purpose]

    def trusted(self, now: int) -> dict[str, Ed25519Key]:
        """The token keys whose signatures count now, by id."""
        return {key.kid: key.public for key in self._keys.values() if key.purpose == TOKEN and key.verifies(now)}

    def find(self, kid: str) -> SigningKey | None:
        """The key with this id."""
        return self._keys.get(kid)

    def signer(self, purpose: str, now: int) -> SigningKey:
        """The newest key that may sign. Raises Unavailable where there is none: fail closed."""
        for key in reversed(self._keys.values()):
            if key.purpose == purpose and key.may_sign(now):
                return key
        raise Unavailable(
            "no_signing_key",
            f"the hub has no active {purpose} key",
            next_step="An operator runs: approvals-hub keys rotate",
        )
