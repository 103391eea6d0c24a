"""Who uses a hub in tests: people with devices, agents with keys, and the tokens that they carry."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from approvals_hub.agents.agent import AgentCredential, ApiKey, SignedRequest, api_key_hash
from approvals_hub.core.clock import to_text
from approvals_hub.decisions.answer import Answer
from approvals_hub.decisions.receipt import Receipt
from approvals_hub.escalations.collect import ToldAgent
from approvals_hub.escalations.escalate import Asking, Opened
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.enrolment import Enrolment
from approvals_hub.stepup.fresh import Fresh
from approvals_hub.stepup.sign_in import SignInProof
from approvals_hub.tokens.possession import Pop, Redemption
from approvals_hub.tokens.redeem import Redeemed
from approvals_hub_client.canonical import b64u, dumps, sha256_text
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey
from approvals_hub_client.statement import (
    further_key_bytes,
    passkey_challenge,
    reason_commitment,
    redeem_pop_bytes,
    sign_in_bytes,
    signed_bytes,
)
from tests.fakes.front_door import Phone, offer, permit_by
from tests.fakes.soft_authenticator import SoftAuthenticator

if TYPE_CHECKING:
    from tests.unit.hub_fixture import StaffedHub

PUBLIC_URL = "https://hub.example"
AUDIENCE = "db.example.com"
HERE = Visitor("test", "192.0.2.1")


@dataclass
class Person:
    """A member with one software device key, signed in."""

    house: StaffedHub
    person_id: str
    device_id: str
    key: SigningKey | SoftAuthenticator
    credential: PersonCredential

    async def statement(self, escalation_id: str, decision: str = "approve", **changes: Any) -> dict[str, Any]:
        """The statement that the hub gives for this question, completed; `changes` are what an attacker edits."""
        view = await self.house.hub.present.view(self.credential, escalation_id, self.device_id)
        return {**view.statement, "decision": decision, **changes}

    def signs(self, statement: dict[str, Any]) -> Answer:
        """The signed answer."""
        if isinstance(self.key, SoftAuthenticator):
            return Answer(dumps(statement), assertion=self.key.get(passkey_challenge(statement)))
        return Answer(dumps(statement), signature=self.key.sign(signed_bytes(statement)))

    async def answer(self, escalation_id: str, decision: str = "approve", reason: str | None = None) -> Receipt:
        """View, sign and send."""
        if reason is None:
            return await self.send(await self.statement(escalation_id, decision))
        salt = os.urandom(16)
        statement = await self.statement(escalation_id, decision, reason_commitment=reason_commitment(reason, salt))
        answer = replace(self.signs(statement), reason=reason, reason_salt=b64u(salt))
        return await self.house.hub.decide(self.credential, escalation_id, answer)

    async def send(self, statement: dict[str, Any]) -> Receipt:
        """Sign this statement and send it."""
        return await self.house.hub.decide(self.credential, statement["escalation_id"], self.signs(statement))

    async def further_device(self, key: SigningKey | SoftAuthenticator | None = None) -> Person:
        """The same person with one more device, a device key unless `key` is a passkey."""
        key = key or Ed25519SigningKey()
        issued = await self.house.hub.issue_challenge("enrol", self.credential)
        offered, thumbprint = offer(key, issued.challenge, self.person_id)
        message = further_key_bytes(
            challenge=b64u(issued.challenge), key_thumbprint=thumbprint, person_id=self.person_id
        )
        permit = permit_by(Phone(self.device_id, self.person_id, self.key), message)
        enrolment = Enrolment(issued.challenge_id, offered, "second phone", existing=permit)
        enrolled = await self.house.hub.enrol_device(self.credential, enrolment, HERE)
        return replace(self, device_id=enrolled.device.device_id, key=key)

    async def fresh(self) -> Fresh:
        """A fresh factor of this session."""
        issued = await self.house.hub.issue_challenge("fresh", self.credential)
        message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=self.device_id, audience=PUBLIC_URL)
        return Fresh(issued.challenge_id, self.device_id, signature=self.key.sign(message))

    async def revoke(self) -> None:
        """Revoke this device, by its own word."""
        await self.house.hub.revoke_device(self.credential, self.device_id, await self.fresh())

    async def sign_in(self) -> PersonCredential:
        """A session of its own, by the device key."""
        issued = await self.house.hub.issue_challenge("sign_in")
        message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=self.device_id, audience=PUBLIC_URL)
        proof = SignInProof(issued.challenge_id, device_id=self.device_id, signature=self.key.sign(message))
        opened = await self.house.hub.sign_in(proof, HERE)
        return PersonCredential(token_hash(opened.session.token), self.house.org_id)


@dataclass
class Bot:
    """An agent with its key, or with an API key alone."""

    house: StaffedHub
    agent_id: str
    key_id: str
    key: Ed25519SigningKey = field(default_factory=Ed25519SigningKey)
    api_key: str | None = None

    def credential(self, *, nonce: str | None = None, created: int | None = None) -> AgentCredential:
        """What a verified request of this agent brings; a new nonce each time."""
        if self.api_key is not None:
            return ApiKey(api_key_hash(self.api_key), self.agent_id, self.house.org_id)
        return SignedRequest(
            self.key_id,
            self.agent_id,
            self.house.org_id,
            nonce or b64u(os.urandom(12)),
            self.house.time.now if created is None else created,
        )

    def action(self, **changes: Any) -> dict[str, Any]:
        """An action of this agent, different each time."""
        return {
            "action_id": f"act-{os.urandom(6).hex()}",
            "action_type": "db.drop_table",
            "requested_at": to_text(self.house.time.now),
            "principal": {"agent_id": self.agent_id},
            "subject": {"principal_id": self.house.org_id},
            "relying_party": {"domain": AUDIENCE},
            "payload": {"table": "customers", "rows": 120_000, "force": True},
            **changes,
        }

    def asking(self, action: dict[str, Any] | None = None, *, key: str | None = None, **changes: Any) -> Asking:
        """What the agent sends."""
        action = self.action() if action is None else action
        members = {"action": action, "justification": "needed", "expires_in": 900, **changes}
        return Asking(
            **members, key=key or f"key-{os.urandom(6).hex()}", request_hash=sha256_text(dumps(members)).encode()
        )

    async def ask(self, action: dict[str, Any] | None = None, **changes: Any) -> Opened:
        """Open a question."""
        return await self.house.hub.escalate(self.credential(), self.asking(action, **changes))

    async def standing(self, escalation_id: str, **wait: Any) -> ToldAgent:
        """How a question stands."""
        return await self.house.hub.wait(self.credential(), escalation_id, **wait)

    async def approved(self, action: dict[str, Any] | None = None, by: Person | None = None, **changes: Any) -> Token:
        """Ask, be approved, collect the token."""
        action = self.action() if action is None else action
        opened = await self.ask(action, **changes)
        await (by or self.house.owner).answer(opened.escalation.id)
        standing = await self.standing(opened.escalation.id)
        assert standing.approval_token is not None
        full = {"salt": standing.escalation.salt, **action}
        return Token(self, opened.escalation.id, standing.approval_token, str(standing.escalation.jti), full)


@dataclass
class Token:
    """A collected approval token, and how its agent hands it to an executor."""

    bot: Bot
    escalation_id: str
    text: str
    jti: str
    action: dict[str, Any]

    def pop(self, key: str = "run-1", *, by: SigningKey | None = None, iat: str | None = None, **changes: Any) -> Pop:
        """The agent's word for one redemption; `by` and `changes` are what an attacker replaces."""
        iat = iat or to_text(self.bot.house.time.now)
        members = {
            "jti": self.jti,
            "audience": AUDIENCE,
            "action_hash": sha256_text(dumps(self.action)),
            "idempotency_key": key,
            **changes,
        }
        return Pop(iat, b64u((by or self.bot.key).sign(redeem_pop_bytes(**members, iat=iat))))

    def redemption(self, key: str = "run-1", **changes: Any) -> Redemption:
        """What the executor sends."""
        members: dict[str, Any] = {
            "token": self.text,
            "action": self.action,
            "audience": AUDIENCE,
            "idempotency_key": key,
            "pop": None if self.bot.api_key is not None else self.pop(key),
            **changes,
        }
        return Redemption(**members)

    async def redeem(self, key: str = "run-1", **changes: Any) -> Redeemed:
        """Spend it."""
        return await self.bot.house.hub.redeem(self.redemption(key, **changes))
