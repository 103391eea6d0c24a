"""What an agent holds: a question it asked, and the approval it got."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u
from approvals_hub_client.credential import Credential
from approvals_hub_client.errors import BadAnswer
from approvals_hub_client.keys import VerifyingKey
from approvals_hub_client.statement import action_hash, redeem_pop_bytes
from approvals_hub_client.times import to_milliseconds, to_text

SKEW = 120_000
"""How far this machine's clock may be off when it checks what the hub just sent; in milliseconds."""


@dataclass(frozen=True, slots=True)
class Question:
    """One escalation as its agent sees it. `action` is exactly what was hashed, with the hub's salt."""

    escalation_id: str
    revision: int
    action: dict[str, Any]
    action_hash: str
    audience: str
    status: str
    version: int
    expires_at: int
    """Milliseconds since 1970."""
    match_code: str | None = field(repr=False)
    """What the agent shows to the person who asked it, so that they compare; it is never put anywhere else."""
    view: dict[str, Any] = field(repr=False)
    """The hub's whole answer."""

    @classmethod
    def read(cls, view: Mapping[str, Any], action: Mapping[str, Any], agent_id: str) -> Question:
        """The question that the hub says it put. Raises BadAnswer unless it is about this very action and agent."""
        whole = {name: value for name, value in action.items() if name != "salt"}
        if view.get("salt") is not None:
            whole["salt"] = view["salt"]
        try:
            question = cls(
                escalation_id=view["escalation_id"],
                revision=view["revision"],
                action=whole,
                action_hash=view["action_hash"],
                audience=view["audience"],
                status=view["status"],
                version=view["version"],
                expires_at=to_milliseconds(view["expires_at"]),
                match_code=view.get("match_code"),
                view=dict(view),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadAnswer(f"the hub's answer is no escalation: {error}") from None
        if question.action_hash != action_hash(whole):
            raise BadAnswer("the hub answered about another action")
        if agent_id and view.get("agent_id") != agent_id:
            raise BadAnswer("the hub answered about another agent")
        return question

    @property
    def is_open(self) -> bool:
        """Whether it still waits for people."""
        return self.status == "open"


@dataclass(frozen=True, slots=True)
class Approved:
    """Permission to do one action once: a token that lives a minute, fetched again where it ran out."""

    question: Question
    token: str = field(repr=False)
    claims: dict[str, Any]

    @classmethod
    def read(cls, question: Question, keys: Mapping[str, VerifyingKey], issuer: str, now: int) -> Approved:
        """The approval inside an answer. Raises BadAnswer unless the token is the hub's and for this very question."""
        token = question.view.get("approval_token")
        if not isinstance(token, str):
            raise BadAnswer("the hub approved without a token")
        try:
            claims = paseto.decode(
                keys,
                token,
                implicit=paseto.APPROVAL,
                audience=question.audience,
                now=now,
                purpose="approval",
                issuer=issuer or None,
                leeway=SKEW,
            )
        except paseto.BadToken as error:
            raise BadAnswer(f"the approval token is not good: {error}") from error
        said = (claims.get("action_hash"), claims.get("escalation_id"), claims.get("sub"))
        if said != (question.action_hash, question.escalation_id, question.view.get("agent_id")):
            raise BadAnswer("the approval token is for another question")
        return cls(question, token, claims)

    def hand_over(self, credential: Credential, now: int, idempotency_key: str | None = None) -> dict[str, Any]:
        """What an executor needs to redeem: token, action, audience, idempotency key and the agent's signature.

        The signature (`pop`) binds them together and is good for two minutes. `now` is in milliseconds.
        """
        key = idempotency_key or secrets.token_urlsafe(16)
        iat = to_text(now)
        pop = None
        if credential.key is not None:
            message = redeem_pop_bytes(
                jti=self.claims["jti"],
                audience=self.question.audience,
                action_hash=self.question.action_hash,
                idempotency_key=key,
                iat=iat,
            )
            pop = {"iat": iat, "signature": b64u(credential.key.sign(message))}
        return {
            "token": self.token,
            "action": self.question.action,
            "audience": self.question.audience,
            "idempotency_key": key,
            "pop": pop,
        }


def new_action(
    action_type: str,
    payload: Mapping[str, Any],
    *,
    credential: Credential,
    now: int,
    action_id: str | None = None,
    subject: str | None = None,
    relying_party: str | Mapping[str, Any] | None = None,
    attachments: list[dict[str, Any]] | None = None,
    chain: list[str] | None = None,
) -> dict[str, Any]:
    """The action of an agent, as it is sent. `subject` is whom it acts for: its organisation unless given."""
    action: dict[str, Any] = {
        "action_id": action_id or str(uuid4()),
        "action_type": action_type,
        "requested_at": to_text(now),
        "principal": {"agent_id": credential.agent_id} | ({"chain": chain} if chain else {}),
        "subject": {"principal_id": subject or credential.org_id},
        "payload": dict(payload),
    }
    if relying_party is not None:
        action["relying_party"] = {"domain": relying_party} if isinstance(relying_party, str) else dict(relying_party)
    if attachments:
        action["attachments"] = attachments
    return action
