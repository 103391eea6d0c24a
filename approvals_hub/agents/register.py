"""An agent joins with an invitation, and later changes its key. Its private key never leaves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from approvals_hub.agents import handle_store, store
from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import SIGNED, Agent, AgentCredential, SignedRequest
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.people.session import token_hash
from approvals_hub_client.canonical import CanonicalError, unb64u
from approvals_hub_client.keys import BadKey, BadSignature, Ed25519Key, ed25519_of
from approvals_hub_client.statement import register_bytes, rotate_bytes

LONGEST_OVERLAP = 86_400
"""Seconds for which an old key may go on beside a new one."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Who the agent is now."""

    agent_id: str
    key_id: str
    org_id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key, and until when (milliseconds) the ones before still work."""

    key_id: str
    previous_until: int


@dataclass(frozen=True, slots=True)
class RegisterAgent:
    """Takes public keys from agents that prove they hold the private half."""

    db: Database
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self, invite: str, public_key: str, proof: str) -> Registered:
        """Use an invitation. `proof` is the key's signature over the invitation's hash and the key itself.

        The same key with the same invitation gets the same answer again, as the first answer may have been lost.
        Raises Unauthenticated with the same words for an unknown, used or expired invitation, Invalid for a weak or
        malformed key, Conflict for a key that some agent has already.
        """
        key = read_key(public_key)
        check_proof(key, register_bytes(invite=invite, public_key=public_key), proof)
        now = self.clock.now()
        agent_id, key_id = new_id("agt"), new_id("key")

        async def work(tx: Tx) -> Registered | HubError:
            row = await handle_store.invite(tx, token_hash(invite))
            if row is None or row["protocol"] is not None:
                return invite_refused()
            if row["agent_id"] is not None:
                before = await store.agent_with_key(tx, row["agent_id"], key.raw)
                if before is not None:
                    return Registered(row["agent_id"], before["key_id"], row["org_id"], row["name"], row["role"])
            used = await store.use_invite(tx, row["id"], agent_id=agent_id, now=now)
            if used is None:
                await self.recorder.record(tx, refused_registration(row, "invite_invalid", now))
                return invite_refused()
            await store.add_agent(
                tx,
                agent_id=agent_id,
                org_id=row["org_id"],
                name=row["name"],
                role=row["role"],
                owner_id=row["owner_id"],
                at=now,
            )
            await first_key_in(tx, self.recorder, row, agent_id, key_id, key, now)
            return Registered(agent_id, key_id, row["org_id"], row["name"], row["role"])

        return settled(await self.db.run(work))

    async def rotate(self, credential: AgentCredential, public_key: str, proof: str, overlap: int) -> Rotated:
        """Take a further key; the ones before end after `overlap` seconds.

        The same key again, signed by the one before, gets the same answer, as the first answer may have been lost.
        Raises Invalid, Conflict, Forbidden for an agent that has only an API key.
        """
        key = read_key(public_key)
        check_proof(key, rotate_bytes(agent_id=credential.agent_id, public_key=public_key), proof)
        if not 0 <= overlap <= LONGEST_OVERLAP:
            raise Invalid(
                "overlap_out_of_range",
                f"overlap_seconds is from 0 to {LONGEST_OVERLAP}",
                next_step="Choose a value in that range.",
                field="$.overlap_seconds",
            )
        now = self.clock.now()
        key_id = new_id("key")
        until = now + overlap * SECOND

        async def work(tx: Tx) -> Rotated | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, monitor_may=True)
            if isinstance(agent, HubError):
                return agent
            if not isinstance(credential, SignedRequest):
                return Forbidden(
                    "signature_needed", "an API key cannot bring in a signing key", next_step="Use an invitation."
                )
            await tx.lock("agents", agent.agent_id)
            before = await store.agent_with_key(tx, agent.agent_id, key.raw)
            if before is not None and before["valid_until"] is None and before["key_id"] != credential.key_id:
                return await _rotated_before(tx, credential.key_id, before["key_id"], until)
            await store.end_keys(tx, agent.agent_id, until=until)
            await _add_key_in(tx, agent.agent_id, agent.org_id, key_id, key, now)
            await self.recorder.record(tx, _added(agent, key, key_id, now))
            return Rotated(key_id, until)

        return settled(await self.db.run(work, org=credential.org_id))


async def first_key_in(
    tx: Tx,
    recorder: Recorder,
    invite: Row,
    agent_id: str,
    key_id: str,
    key: Ed25519Key,
    now: int,
    *,
    trust: str = SIGNED,
    proven: bool | None = True,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """An invitation has made this agent: it gets its first key, and the log says so. `trust` is how it proves itself,
    `proven` whether it has shown that it holds the key's private half, None where that was not asked,
    `more` what else the log says.

    Raises Conflict for a key that some agent has: the unit is undone, so that no invitation is spent for it.
    """
    await _add_key_in(tx, agent_id, invite["org_id"], key_id, key, now)
    await recorder.record(
        tx,
        Event(
            kind="agent.registered",
            org_id=invite["org_id"],
            at=now,
            actor_type="agent",
            actor_id=agent_id,
            agent_id=agent_id,
            trust=trust,
            signature_valid=proven,
            detail={"invite_id": invite["id"], "owner_id": invite["owner_id"], "key": key.thumbprint, **more},
        ),
    )


async def _add_key_in(tx: Tx, agent_id: str, org_id: str, key_id: str, key: Ed25519Key, now: int) -> None:
    """Raises Conflict for a key that some agent has."""
    added = await store.add_key(
        tx,
        key_id=key_id,
        org_id=org_id,
        agent_id=agent_id,
        public_key=key.raw,
        thumbprint=key.thumbprint,
        at=now,
    )
    if not added:
        raise key_taken()


async def _rotated_before(tx: Tx, signed_by: str, key_id: str, until: int) -> Rotated:
    """What was told when this key came in: until when the key that signs this request still works."""
    row = await store.admitted_key(tx, signed_by)
    return Rotated(key_id, until if row is None or row["valid_until"] is None else row["valid_until"])


def read_key(text: str) -> Ed25519Key:
    """An agent's public key. Raises Invalid for malformed and small-order ones: those verify anybody's signature."""
    try:
        return ed25519_of(unb64u(text))
    except (BadKey, CanonicalError) as error:
        raise Invalid(
            "public_key_invalid",
            f"not an Ed25519 public key in base64url: {error}",
            next_step="Send the 32 bytes of a newly made key.",
            field="$.public_key",
        ) from error


def check_proof(key: Ed25519Key, message: bytes, proof: str) -> None:
    """The sender holds the private half. Raises Invalid."""
    try:
        key.verify(message, unb64u(proof))
    except (BadSignature, CanonicalError) as error:
        raise Invalid(
            "proof_invalid",
            "proof is not this key's signature over the registration",
            next_step="Sign the documented bytes with the new key.",
            field="$.proof",
        ) from error


def invite_refused() -> Unauthenticated:
    """Unknown, used or expired: whoever guesses learns nothing."""
    return Unauthenticated(
        "invite_invalid",
        "this invitation does not exist, was used, or has expired",
        next_step="Ask for a new invitation.",
    )


def key_taken() -> Conflict:
    """Some agent has this key, of whatever organisation."""
    return Conflict("key_taken", "an agent has this key already", next_step="Make a new key pair.")


def refused_registration(row: Row, code: str, now: int) -> Event:
    """The event of an invitation with which nobody joined."""
    return Event(
        kind="agent.refused",
        org_id=row["org_id"],
        at=now,
        actor_type="agent",
        actor_id="unknown",
        decision=code,
        detail={"invite_id": row["id"]},
    )


def _added(agent: Agent, key: Ed25519Key, key_id: str, now: int) -> Event:
    return Event(
        kind="agent.key_added",
        org_id=agent.org_id,
        at=now,
        actor_type="agent",
        actor_id=agent.agent_id,
        agent_id=agent.agent_id,
        trust=agent.trust,
        signature_valid=True,
        detail={"key_id": key_id, "key": key.thumbprint},
    )
