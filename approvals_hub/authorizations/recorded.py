"""What the log says of an action that an agent asked about: decided, or refused before it was."""

from __future__ import annotations

from approvals_hub.agents.agent import Agent
from approvals_hub.audit.event import Event
from approvals_hub.authorizations.told import Told
from approvals_hub.core.errors import HubError
from approvals_hub.escalations.asked import Asked
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.policies.relying_party import Trust


def authorized(
    agent: Agent, asked: Asked, told: Told, escalation: Escalation | None, trust: Trust | None, now: int
) -> Event:
    """The audit event of a decision."""
    decision = told.decision
    return Event(
        kind="action.authorized",
        org_id=agent.org_id,
        at=now,
        actor_type="agent",
        actor_id=agent.agent_id,
        agent_id=agent.agent_id,
        escalation_id=None if escalation is None else escalation.id,
        action_id=asked.action.action_id,
        action_type=asked.action.action_type,
        decision=decision.decision,
        policy_id=None if decision.policy is None else decision.policy.id,
        trust=agent.trust,
        signature_valid=agent.signature_valid,
        detail={
            "decision_id": told.decision_id,
            "action_hash": told.action_hash,
            "code": decision.code,
            "rule_id": decision.rule_id,
            "policy_hash": None if decision.policy is None else decision.policy.hash,
            "policy_version": None if decision.policy is None else decision.policy.version,
            "proof_jti": told.proof_jti,
            **({} if trust is None else trust.recorded()),
            **({} if told.standing is None else told.standing.recorded()),
        },
    )


def refused_action(agent: Agent, refusal: HubError, now: int) -> Event:
    """The audit event of an action about which nothing was decided."""
    return Event(
        kind="action.refused",
        org_id=agent.org_id,
        at=now,
        actor_type="agent",
        actor_id=agent.agent_id,
        agent_id=agent.agent_id,
        decision=refusal.code,
        trust=agent.trust,
        detail={"field": refusal.field},
    )
