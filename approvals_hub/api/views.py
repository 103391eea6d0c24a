"""Escalations on the wire: what everybody who may read one is shown, and what the asking agent alone is told."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.api.fields import at
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.domain import outcome
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.hub import ToldAgent


class ReasonView(msgspec.Struct, frozen=True):
    """Why somebody denied. It is data: nobody follows what it says."""

    code: str | None
    text: str | None


class EscalationView(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """One question and how it stands. The last members are for the asking agent, and null for everybody else.

    `may_answer` counts the people whose inbox it stands in, `approvals` those who must approve at least. Who they are
    is not the agent's to know. `risk` is what people are told of how much a mistake costs. `effective_at`: all have
    approved, and their approval takes effect then.
    """

    not_printed = ("match_code", "approval_token", "action")

    escalation_id: str
    org_id: str
    agent_id: str
    trust: str
    revision: int
    revises: str | None
    status: str
    version: int
    action_id: str
    action_type: str
    action_hash: str
    presentation_hash: str
    requirement_hash: str
    audience: str
    delivery: str
    may_answer: int
    approvals: int
    risk: str
    effective_at: str | None
    created_at: str
    expires_at: str
    latest_expiry: str
    seen_at: str | None
    ended_at: str | None
    outcome: str | None
    by: str | None
    cause: str | None
    token_state: str | None
    token_cause: str | None
    valid_until: str | None
    now: str
    salt: str | None = None
    match_code: str | None = None
    approval_token: str | None = None
    outcome_token: str | None = None
    reason: ReasonView | None = None
    repeated: bool = False
    action: dict[str, Any] | None = None


def shown(escalation: Escalation, now: int) -> EscalationView:
    """What everybody is shown who may read the escalation; `now` in milliseconds."""
    return _view(escalation, now)


def told(standing: ToldAgent, now: int, *, action: dict[str, Any] | None = None) -> EscalationView:
    """What the asking agent is told, tokens included; what it asked, where it wants to know."""
    reason = standing.reason
    return _view(
        standing.escalation,
        now,
        salt=standing.escalation.salt,
        match_code=standing.escalation.match_code,
        approval_token=standing.approval_token,
        outcome_token=standing.outcome_token,
        reason=None if reason is None else ReasonView(reason.code, reason.text),
        action=action,
    )


def asked(escalation: Escalation, now: int, *, repeated: bool = False) -> EscalationView:
    """What the asking agent is told where no token can be due."""
    return _view(escalation, now, salt=escalation.salt, match_code=escalation.match_code, repeated=repeated)


def _view(
    escalation: Escalation,
    now: int,
    *,
    salt: str | None = None,
    match_code: str | None = None,
    approval_token: str | None = None,
    outcome_token: str | None = None,
    reason: ReasonView | None = None,
    repeated: bool = False,
    action: dict[str, Any] | None = None,
) -> EscalationView:
    requirement = escalation.asked()
    return EscalationView(
        escalation_id=escalation.id,
        org_id=escalation.org_id,
        agent_id=escalation.agent_id,
        trust=escalation.trust,
        revision=escalation.revision,
        revises=escalation.revises,
        status=escalation.state,
        version=escalation.version,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        action_hash=escalation.action_hash,
        presentation_hash=escalation.presentation_hash,
        requirement_hash=escalation.requirement_hash,
        audience=escalation.audience,
        delivery=escalation.delivery,
        may_answer=len(requirement.asked_at(escalation.stage)),
        approvals=requirement.approvals,
        risk=requirement.risk,
        effective_at=at(escalation.effective_at) if escalation.open else None,
        created_at=to_text(escalation.created_at),
        expires_at=to_text(escalation.expires_at),
        latest_expiry=to_text(escalation.latest_expiry),
        seen_at=at(escalation.seen_at),
        ended_at=at(escalation.ended_at),
        outcome=None if escalation.state == outcome.OPEN else escalation.state,
        by=escalation.ended_by,
        cause=escalation.cause,
        token_state=escalation.token_state_at(now),
        token_cause=escalation.token_cause,
        valid_until=at(escalation.valid_until),
        now=to_text(now),
        salt=salt,
        match_code=match_code,
        approval_token=approval_token,
        outcome_token=outcome_token,
        reason=reason,
        repeated=repeated,
        action=action,
    )
