"""What the audit log says of step-ups: ids, methods and hashes. What proves something lies sealed beside the log."""

from __future__ import annotations

import json

from approvals_hub.audit.event import Detail, Event, Kind
from approvals_hub.core.errors import HubError
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.people.session import Session
from approvals_hub.stepup.step_up import Step

TOTP = "totp"


def begun_event(escalation: Escalation, step: Step, now: int, claimed: tuple[str, ...] = ()) -> Event:
    """One was begun. `claimed`: what the client said of its own level, which counts for nothing."""
    detail = _detail(step)
    if claimed:
        detail["claimed"] = list(claimed)
    return Event(
        kind="step_up.begun",
        org_id=step.org_id,
        at=now,
        actor_type="person",
        actor_id=step.person_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        detail=detail,
    )


def refused_beginning(
    session: Session,
    escalation: Escalation,
    method: str,
    intent_hash: str,
    refusal: HubError,
    now: int,
    claimed: tuple[str, ...] = (),
) -> Event:
    """One was not begun: a downgrade, another's question, an intent that is not true. `claimed` as above."""
    detail: Detail = {"method": method[:32], "intent_hash": intent_hash, "field": refusal.field}
    if claimed:
        detail["claimed"] = list(claimed)
    return Event(
        kind="step_up.refused",
        org_id=session.org_id,
        at=now,
        actor_type="person",
        actor_id=session.person_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        decision=refusal.code,
        detail=detail,
    )


def claimed_event(step: Step, claimed: tuple[str, ...], now: int) -> Event:
    """The client said something of its own level where a running one was answered, or asked for again."""
    return _event("step_up.claimed", step, None, now, {"claimed": list(claimed)})


def proven_event(step: Step, now: int) -> Event:
    """It is proven; the hash commits to the evidence.

    Where an app's code was of another step than the present one (RFC 6238, 5.2: only where the settings allow it),
    `steps_off` says of which: -1 of the one before, 1 of the next.
    """
    more: Detail = {"binding": step.binding, "auth_ref": step.auth_ref, "evidence_hash": step.evidence_hash}
    if step.method == TOTP and (off := json.loads(step.facts or "{}").get("steps_off")):
        more["steps_off"] = off
    return _event("step_up.proven", step, None, now, more)


def refused_event(step: Step, code: str, now: int) -> Event:
    """An answer that proved nothing."""
    return _event("step_up.refused", step, code, now)


def ended_event(step: Step, cause: str, now: int) -> Event:
    """It is over, without a proof that counts."""
    return _event("step_up.ended", step, cause, now)


def _event(kind: Kind, step: Step, code: str | None, now: int, more: Detail | None = None) -> Event:
    return Event(
        kind=kind,
        org_id=step.org_id,
        at=now,
        actor_type="person",
        actor_id=step.person_id,
        escalation_id=step.escalation_id,
        decision=code,
        detail={**_detail(step), **(more or {})},
    )


def _detail(step: Step) -> Detail:
    return {"step_up_id": step.id, "method": step.method, "intent_hash": step.intent_hash}
