"""The claims of the three tokens (design "Tokens"); all of them PASETO v4.public, told apart by implicit assertion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from approvals_hub.core.clock import MINUTE, SECOND, to_text

APPROVAL_LIFE = 60 * SECOND
"""An approval token is minted at each collection and lives this long at most, in milliseconds."""
PROOF_LIFE = 5 * MINUTE
OUTCOME_LIFE = 10 * MINUTE


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What every token of an escalation is about."""

    issuer: str
    org_id: str
    agent_id: str
    escalation_id: str
    revision: int
    action_id: str
    action_type: str
    action_hash: str
    audience: str
    policy: dict[str, Any] = {}
    """`id` and `hash` of the policy by which people were asked; empty where there is none."""


def approval_claims(
    subject: Subject,
    *,
    kid: str,
    jti: str,
    now: int,
    valid_until: int,
    approval: dict[str, Any],
    thumbprint: str | None,
) -> dict[str, Any]:
    """A permission to do this one action once. `cnf` is null for an agent that has only an API key."""
    return {
        **standing_claims(subject, jti=jti, approval=approval),
        "iat": to_text(now),
        "nbf": to_text(now),
        "exp": to_text(min(now + APPROVAL_LIFE, valid_until)),
        "kid": kid,
        "cnf": None if thumbprint is None else {"jkt": thumbprint},
    }


def standing_claims(subject: Subject, *, jti: str, approval: dict[str, Any]) -> dict[str, Any]:
    """What every approval token of one question says, whenever it is collected."""
    return {
        "iss": subject.issuer,
        "sub": subject.agent_id,
        "aud": subject.audience,
        "jti": jti,
        "purpose": "approval",
        "escalation_id": subject.escalation_id,
        "revision": subject.revision,
        "action_id": subject.action_id,
        "action_type": subject.action_type,
        "action_hash": subject.action_hash,
        "policy_id": subject.policy.get("id"),
        "policy_hash": subject.policy.get("hash"),
        "org": subject.org_id,
        "acr": approval["acr"],
        "amr": approval["amr"],
        "methods": approval["methods"],
        "auth_ref": approval.get("auth_ref", []),
        "approvers": approval["approvers"],
        "statement_hashes": approval["statement_hashes"],
        "decision_id": approval["decision_id"],
    }


def outcome_claims(
    subject: Subject,
    *,
    kid: str,
    now: int,
    outcome: str,
    by: str | None,
    cause: str | None,
    ended_at: int,
    statement_hashes: list[str],
) -> dict[str, Any]:
    """How a question ended, signed, so that a withheld answer cannot be passed off as another one."""
    return {
        "iss": subject.issuer,
        "sub": subject.agent_id,
        "aud": subject.agent_id,
        "iat": to_text(now),
        "exp": to_text(now + OUTCOME_LIFE),
        "kid": kid,
        "escalation_id": subject.escalation_id,
        "revision": subject.revision,
        "action_hash": subject.action_hash,
        "outcome": outcome,
        "by": by,
        "cause": cause,
        "ended_at": to_text(ended_at),
        "statement_hashes": statement_hashes,
    }


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """An action that policies allow without people."""

    agent_id: str
    org_id: str
    owner_id: str
    audience: str
    action_id: str
    action_type: str
    action_hash: str
    decision_id: str
    policy_id: str | None
    rule_id: str | None
    trust_profile: str | None
    prev: Sequence[str] = ()
    """Hashes of the counterparties' proofs that it relied on."""


def allowed_claims(allowed: Allowed, *, issuer: str, kid: str, jti: str, now: int, expires_at: int) -> dict[str, Any]:
    """The receipt of an action that was allowed at once: the members of `proof_claims`, without people."""
    return {
        "iss": issuer,
        "sub": allowed.agent_id,
        "aud": allowed.audience,
        "iat": to_text(now),
        "exp": to_text(expires_at),
        "action_id": allowed.action_id,
        "action_type": allowed.action_type,
        "action_hash": allowed.action_hash,
        "decision": "ALLOW",
        "policy_id": allowed.policy_id,
        "kid": kid,
        "jti": jti,
        "decision_id": allowed.decision_id,
        "agent_id": allowed.agent_id,
        "owner_type": "person",
        "owner_id": allowed.owner_id,
        "matched_rule_id": allowed.rule_id,
        "trust_profile": allowed.trust_profile,
        "acr": None,
        "amr": [],
        "auth_ref": [],
        "approvers": [],
        "escalation_id": None,
        "prev": list(allowed.prev),
    }


def proof_claims(
    approval: dict[str, Any],
    *,
    kid: str,
    jti: str,
    now: int,
    owner_id: str,
    trust_profile: str | None,
    prev: Sequence[str] = (),
    rule_id: str | None = None,
) -> dict[str, Any]:
    """The receipt of a redemption, made of the claims of the approval token that was spent.

    `prev` are the hashes of the counterparties' proofs that it relied on.
    """
    return {
        "iss": approval["iss"],
        "sub": approval["sub"],
        "aud": approval["aud"],
        "iat": to_text(now),
        "exp": to_text(now + PROOF_LIFE),
        "action_id": approval["action_id"],
        "action_type": approval["action_type"],
        "action_hash": approval["action_hash"],
        "decision": "ALLOW",
        "policy_id": approval["policy_id"],
        "kid": kid,
        "jti": jti,
        "decision_id": approval["decision_id"],
        "agent_id": approval["sub"],
        "owner_type": "person",
        "owner_id": owner_id,
        "matched_rule_id": rule_id,
        "trust_profile": trust_profile,
        "acr": approval["acr"],
        "amr": approval["amr"],
        "auth_ref": approval.get("auth_ref", []),
        "approvers": approval["approvers"],
        "escalation_id": approval["escalation_id"],
        "prev": list(prev),
    }
