"""An OpenLeash agent joins: with an invitation, or by signing a challenge with a key that an inviter has named."""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, Protocol

from approvals_hub.agents import handle_store, store
from approvals_hub.agents.agent import OPENLEASH, REVOKED
from approvals_hub.agents.openleash_names import Webhook, check_handle, read_spki
from approvals_hub.agents.register import first_key_in, invite_refused, refused_registration
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import MINUTE, Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.people.session import token_hash
from approvals_hub_client.canonical import CanonicalError, b64u, unb64u
from approvals_hub_client.keys import BadSignature, Ed25519Key

CHALLENGE_LIFE: Final = 5 * MINUTE
"""How long a challenge may be signed, in milliseconds."""
INVITES_OF_KEY: Final = 50
"""How many invitations for one key are looked at: whoever knows a key can name it, and its owner's is among them."""
OWNER_TYPES: Final = frozenset({"user", "org"})
_RANDOM, _EXPIRY, _MAC = 16, 8, 32


NOT_KEPT, KEPT, CALLED = "not_kept", "kept", "called"
"""What becomes of a webhook: nothing; it is called once a person lists its host for the agent; it is called."""


class KeepWebhooks(Protocol):
    """Keeps them."""

    async def keep_in(self, tx: Tx, org_id: str, agent_id: str, webhook: Webhook, now: int) -> str:
        """Keep one, where it could be called; what becomes of it."""

    async def standing_in(self, tx: Tx, org_id: str, agent_id: str) -> str:
        """The same of an agent that has joined."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Who the agent is now; `created_at` in milliseconds."""

    agent_id: str
    handle: str
    key_id: str
    org_id: str
    owner_id: str
    created_at: int
    webhook: str = NOT_KEPT


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the agent's key signs: `challenge`, the raw bytes. It binds name and key, and lies nowhere meanwhile."""

    challenge_id: str
    challenge: bytes
    expires_at: int


@dataclass(frozen=True, slots=True)
class JoinOpenLeash:
    """Takes public keys. Nobody joins whom no member has invited: an invitation for this protocol and, where they join
    by a challenge, for this very key."""

    db: Database
    recorder: Recorder
    clock: Clock
    key: bytes = field(repr=False)
    epoch: Callable[[], Epoch]
    webhooks: KeepWebhooks

    async def by_invite(
        self, invite_id: str, token: str, handle: str, public_key: str, webhook: Webhook | None = None
    ) -> Joined:
        """Use an invitation. The same key with the same invitation gets the same answer again; of `webhook` the first
        one counts.

        Raises Unauthenticated with the same words for an unknown, used or expired invitation and one that is for
        somebody else, Invalid for a name or key that is none, Conflict where another agent has either.
        """
        check_handle(handle, "$.agent_id")
        key = read_spki(public_key, "$.agent_pubkey_b64")
        now = self.clock.now()

        async def work(tx: Tx) -> Joined | HubError:
            row = await handle_store.invite(tx, token_hash(token))
            if row is None or row["id"] != invite_id:
                return invite_refused()
            return await self._join_in(tx, row, handle, key, webhook, now, proven=None)

        return settled(await self.db.run(work))

    def challenge(self, handle: str, public_key: str) -> Challenge:
        """Something to sign for a name and a key; says nothing about whether they may join. Raises Invalid."""
        check_handle(handle, "$.agent_id")
        key = read_spki(public_key, "$.agent_pubkey_b64")
        until = self.clock.now() + CHALLENGE_LIFE
        head = os.urandom(_RANDOM) + until.to_bytes(_EXPIRY, "big")
        raw = head + self._mac(head, handle, key)
        return Challenge("chl_" + b64u(raw), _to_sign(raw), until)

    async def by_challenge(
        self,
        challenge_id: str,
        handle: str,
        public_key: str,
        signature: str,
        owner_type: str,
        owner_id: str,
        webhook: Webhook | None = None,
    ) -> Joined:
        """Join with a signed challenge, where a member has invited this very key for this owner.

        Raises Invalid for a name, key or challenge that is none, Unauthenticated for a signature that is not the key's,
        Forbidden where nobody who answers for `owner_id` has invited the key.
        """
        check_handle(handle, "$.agent_id")
        key = read_spki(public_key, "$.agent_pubkey_b64")
        now = self.clock.now()
        self._check_signed(challenge_id, handle, key, signature, now)

        async def work(tx: Tx) -> Joined | HubError:
            rows = await handle_store.invites_for_key(tx, key.raw, INVITES_OF_KEY)
            row = next((each for each in rows if _is_for(each, owner_type, owner_id)), None)
            if row is None:
                for each in rows[:1]:
                    await self.recorder.record(tx, refused_registration(each, "owner_not_asked", now))
                return _owner_not_asked()
            joined = await self._join_in(tx, row, handle, key, webhook, now, proven=True)
            # Whose key it is is proven: that its invitation is over gives nothing away.
            return _owner_not_asked() if isinstance(joined, Unauthenticated) else joined

        return settled(await self.db.run(work))

    async def _join_in(
        self,
        tx: Tx,
        row: Row,
        handle: str,
        key: Ed25519Key,
        webhook: Webhook | None,
        now: int,
        *,
        proven: bool | None,
    ) -> Joined | HubError:
        agent_id, key_id = new_id("agt"), new_id("key")
        if row["agent_id"] is not None:
            again = await _again_in(tx, row, handle, key)
            if again is not None:
                return replace(again, webhook=await self.webhooks.standing_in(tx, again.org_id, again.agent_id))
        for_another = (
            row["protocol"] != OPENLEASH
            or row["handle"] not in (None, handle)
            or (row["public_key"] is not None and bytes(row["public_key"]) != key.raw)
        )
        if for_another or await store.use_invite(tx, row["id"], agent_id=agent_id, now=now) is None:
            await self.recorder.record(tx, refused_registration(row, "invite_invalid", now))
            return invite_refused()
        await handle_store.release(tx, handle, org_id=row["org_id"])
        added = await handle_store.add_agent(
            tx,
            agent_id=agent_id,
            org_id=row["org_id"],
            name=row["name"],
            role=row["role"],
            owner_id=row["owner_id"],
            handle=handle,
            known_owner=row["known_owner"],
            at=now,
        )
        # Raised, so that the unit is undone: an invitation is not spent for a name or a key that is taken.
        if not added:
            raise _name_taken()
        kept = NOT_KEPT
        if webhook is not None:
            kept = await self.webhooks.keep_in(tx, row["org_id"], agent_id, webhook, now)
        more = {} if kept == NOT_KEPT else {"webhook": kept}
        await first_key_in(
            tx, self.recorder, row, agent_id, key_id, key, now, trust=OPENLEASH, proven=proven, more=more
        )
        return Joined(agent_id, handle, key_id, row["org_id"], row["owner_id"], now, kept)

    def _check_signed(self, challenge_id: str, handle: str, key: Ed25519Key, signature: str, now: int) -> None:
        """Raises Invalid for a challenge of somebody else, or one that is over; Unauthenticated for the signature."""
        try:
            raw = unb64u(challenge_id.removeprefix("chl_"))
        except CanonicalError:
            raw = b""
        head, mac = raw[:-_MAC], raw[-_MAC:]
        if len(raw) != _RANDOM + _EXPIRY + _MAC or not hmac.compare_digest(mac, self._mac(head, handle, key)):
            raise _challenge("challenge_unknown", "this challenge was not made for this agent_id and key")
        if now >= int.from_bytes(head[_RANDOM:], "big"):
            raise _challenge("challenge_expired", "this challenge is over")
        try:
            key.verify(_to_sign(raw), b64decode(signature, validate=True))
        except (BadSignature, ValueError):
            raise Unauthenticated(
                "invalid_signature",
                "signature_b64 is not this key's signature over the challenge's bytes",
                next_step="Sign the bytes of challenge_b64, decoded.",
                field="$.signature_b64",
            ) from None

    def _mac(self, head: bytes, handle: str, key: Ed25519Key) -> bytes:
        bound = (head, self.epoch().epoch_id.encode(), key.raw, handle.encode())
        return hmac.digest(self.key, b"\0".join(bound), sha256)


def _to_sign(raw: bytes) -> bytes:
    """What is signed for a challenge: bytes that nobody can take for those of a request or a statement."""
    return sha256(b"approvals-hub.openleash-challenge.v1\0" + raw).digest()


def challenge_text(challenge: Challenge) -> str:
    """The bytes as the agent is sent them."""
    return b64encode(challenge.challenge).decode()


async def _again_in(tx: Tx, row: Row, handle: str, key: Ed25519Key) -> Joined | None:
    """What was answered when this invitation was used, for the same key under the same name."""
    before = await store.agent_with_key(tx, row["agent_id"], key.raw)
    agent = await store.agent(tx, row["agent_id"])
    if before is None or agent is None or agent["state"] == REVOKED or agent["handle"] != handle:
        return None
    return Joined(agent["id"], handle, before["key_id"], agent["org_id"], agent["owner_id"], agent["created_at"])


def _is_for(row: Row, owner_type: str, owner_id: str) -> bool:
    """Whether an invitation is of this owner: the person who answers for the agent, by the id that their former hub
    gave them too, or the organisation."""
    return owner_type in OWNER_TYPES and owner_id in (row["org_id"], row["owner_id"], row["known_owner"])


def _owner_not_asked() -> Forbidden:
    return Forbidden(
        "owner_not_asked",
        "nobody who answers for this owner has invited an agent with this key",
        next_step="Somebody there invites it: approvals-hub agents invite NAME --openleash --public-key …",
        field="$.owner_id",
    )


def _challenge(code: str, detail: str) -> Invalid:
    return Invalid(code, detail, next_step="Ask for another one.", field="$.challenge_id")


def _name_taken() -> Conflict:
    return Conflict(
        "agent_name_taken",
        "another agent goes by this agent_id",
        next_step="Choose another one. A revoked agent's is free again for its own organisation.",
    )
