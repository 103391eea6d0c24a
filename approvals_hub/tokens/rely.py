"""A redemption relies on proofs of counterparties: each is verified against trusted keys and taken once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Row, Tx
from approvals_hub.keys.key import TOKEN
from approvals_hub.keys.ring import KeyRing
from approvals_hub.tokens import trusted_hub_store as store
from approvals_hub.tokens.counterparty import Believed, Handed, used_proof, verify_proofs
from approvals_hub_client.keys import ed25519_of


@dataclass(frozen=True, slots=True)
class Rely:
    """Knows the hub's own keys; those of others are read from the organisation's registry each time."""

    ring: KeyRing
    issuer: str

    async def on_in(self, tx: Tx, row: Row, handed: Sequence[Handed], *, jti: str, now: int) -> list[str] | HubError:
        """The hashes for `prev`, with the proofs noted as taken by the redemption `jti`; or why one does not count.

        `row` is the token's: its organisation, agent and the time when its question was opened.
        """
        if not handed:
            return []
        mine = {row["org_id"], row["agent_id"]}
        keys = await self._keys_in(tx, row["org_id"], [one.kid for one in handed], now)
        try:
            found = verify_proofs(handed, keys, mine=mine, by=row["agent_id"], since=row["created_at"], now=now)
        except HubError as refused:
            return refused
        places = {(one.issuer, one.jti): place for place, one in enumerate(found)}
        # In one order for everybody: two redemptions that share proofs must not wait for each other.
        for name in sorted(places):
            one = found[places[name]]
            taken = await store.take_proof(
                tx,
                org_id=row["org_id"],
                issuer=one.issuer,
                proof_jti=one.jti,
                redemption_jti=jti,
                place=places[name],
                proof_token=one.token,
            )
            if not taken:
                await store.give_proofs_back(tx, jti)
                return used_proof(places[name])
        return [one.proof_hash for one in found]

    async def _keys_in(self, tx: Tx, org_id: str, kids: list[str], now: int) -> dict[str, Believed]:
        keys = {
            row["kid"]: Believed(
                key=ed25519_of(bytes(row["public_key"])),
                issuer=row["issuer"],
                audiences=_names(row["audiences"]),
                valid_from=row["valid_from"],
                valid_until=row["valid_until"],
            )
            for row in await store.believed(tx, org_id, kids)
        }
        own = [key for key in self.ring.all(TOKEN) if key.kid in kids and key.verifies(now)]
        if own:
            names = _names(await store.audiences_of(tx, org_id, self.issuer))
            keys |= {key.kid: Believed(key=key.public, issuer=self.issuer, audiences=names) for key in own}
        return keys


def _names(stored: str | None) -> frozenset[str]:
    return frozenset() if stored is None else frozenset(msgspec.json.decode(stored, type=list[str]))
