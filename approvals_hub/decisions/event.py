"""What the audit log says of an answer, taken or refused."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import HubError
from approvals_hub.decisions.answer import Signed
from approvals_hub.decisions.measure import Timed
from approvals_hub.decisions.quorum import APPROVE
from approvals_hub.domain.assurance import Assurance
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.people.session import Session
from approvals_hub.routing.stand_in import StandIn
from approvals_hub.stepup.step_up import Step
from approvals_hub.stepup.verify import Verified


@dataclass(frozen=True, slots=True)
class Proven:
    """How strongly somebody was proven for one decision, and the step-ups that it used."""

    assurance: Assurance
    steps: list[Step]


def decided(
    escalation: Escalation,
    session: Session,
    signed: Signed,
    verified: Verified,
    proven: Proven,
    timed: Timed,
    decision_id: str,
    now: int,
    stands_in: tuple[StandIn, ...] = (),
) -> Event:
    """Somebody's answer, with those in whose place it was given: hashes and ids alone, what they commit to lies sealed
    beside the log."""
    return _event(
        "decision.recorded",
        escalation,
        session,
        now,
        signed,
        decision=signed.decision,
        signature_valid=True,
        detail={
            "decision_id": decision_id,
            "device_id": verified.device_id,
            "key_hash": verified.key_hash,
            "statement_hash": signed.statement_hash,
            "action_hash": escalation.action_hash,
            "presentation_hash": escalation.presentation_hash,
            "requirement_hash": escalation.requirement_hash,
            "reason_code": signed.statement["reason_code"],
            "reason_commitment": signed.statement["reason_commitment"],
            "number_match": escalation.asked().number_match if signed.decision == APPROVE else None,
            "flagged": verified.flagged,
            "hurried": timed.hurried,
            "acr": proven.assurance.acr,
            "methods": list(proven.assurance.methods),
            "step_up": [step.id for step in proven.steps],
            "evidence": [step.evidence_hash for step in proven.steps if step.evidence_hash is not None],
            **_places(stands_in),
        },
    )


def _places(stands_in: tuple[StandIn, ...]) -> Detail:
    """Whom somebody answered for: each who was asked, with the delegates on the way, the absences, and their ends."""
    if not stands_in:
        return {}
    return {
        "stands_in": ["/".join((each.person_id, *each.through)) for each in stands_in],
        "absences": ["/".join(each.absences) for each in stands_in],
        "away_until": [to_text(each.until) for each in stands_in],
    }


def claimed_again(escalation: Escalation, session: Session, signed: Signed, decision_id: str, now: int) -> Event:
    """An answer that was given before came once more, and its client claimed a level that only the hub computes."""
    return _event(
        "decision.claimed",
        escalation,
        session,
        now,
        signed,
        decision=signed.decision,
        detail={"decision_id": decision_id, "statement_hash": signed.statement_hash},
    )


def refused(
    escalation: Escalation, session: Session, signed: Signed, refusal: HubError, valid: bool | None, now: int
) -> Event:
    """An answer that was not taken; `valid` is False where its signature was the reason."""
    return _event(
        "decision.refused",
        escalation,
        session,
        now,
        signed,
        decision=refusal.code,
        signature_valid=valid,
        detail={"statement_hash": signed.statement_hash, "field": refusal.field},
    )


def _event(
    kind: Kind,
    escalation: Escalation,
    session: Session,
    now: int,
    signed: Signed,
    *,
    decision: str,
    detail: Detail,
    signature_valid: bool | None = None,
) -> Event:
    claimed: Detail = {"claimed": list(signed.claimed)} if signed.claimed else {}
    place = signed.answered_from
    said: Detail = {} if place is None else {"answered_from": place.surface, "unlocked": place.unlocked}
    return Event(
        kind=kind,
        org_id=escalation.org_id,
        at=now,
        actor_type="person",
        actor_id=session.person_id,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        decision=decision,
        signature_valid=signature_valid,
        detail={**detail, **claimed, **said},
    )
