"""The proofs that a statement lists, spent by the decision that it makes. Inside the decision's unit of work."""

from __future__ import annotations

from approvals_hub.core.clock import SECOND
from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Tx
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.step_up import PROVEN, USED, Step

MOST_LISTED = 4
"""Proofs that one statement may list."""


async def spend_listed_in(
    tx: Tx,
    listed: list[str],
    *,
    person_id: str,
    escalation_id: str,
    intent_hash: str,
    decision_id: str,
    fresh_within: int | None,
    now: int,
) -> list[Step] | HubError:
    """Spend all of them, or say why one does not count: nothing is then taken by this unit, which records why.

    Each must be proven, of this very person, question and intent, not used before, and fresh.
    """
    if len(listed) > MOST_LISTED:
        return _not_counted("step_up_many", f"a statement lists at most {MOST_LISTED} step-ups")
    found = []
    for step_up_id in sorted(listed):
        await tx.lock("step_ups", step_up_id)
        step = await store.find(tx, step_up_id)
        refusal = _judge(step, person_id, escalation_id, intent_hash, fresh_within, now)
        if refusal is not None:
            return refusal
        assert step is not None
        found.append(step)
    spent = []
    for step in found:
        used = await store.use(tx, step.id, decision_id=decision_id, at=now)
        assert used is not None  # the row is held since it was judged
        spent.append(used)
    return spent


def _judge(
    step: Step | None, person_id: str, escalation_id: str, intent_hash: str, fresh_within: int | None, now: int
) -> HubError | None:
    # Somebody else's is as unknown as none at all: its id tells nothing.
    if step is None or step.person_id != person_id:
        return _not_counted("step_up_unknown", "there is no such step-up of yours")
    if step.escalation_id != escalation_id or step.intent_hash != intent_hash:
        return _not_counted("step_up_other_intent", "the step-up was proven for another statement than this one")
    if step.state == USED:
        return _not_counted("step_up_used", "the step-up was used before")
    if step.state_at(now) != PROVEN or step.proven_at is None:
        return _not_counted("step_up_not_proven", "the step-up proved nothing, or too long ago")
    if fresh_within is not None and now - step.proven_at > fresh_within * SECOND:
        return _not_counted("step_up_stale", f"the question asks for a proof of the last {fresh_within} seconds")
    return None


def _not_counted(code: str, detail: str) -> Forbidden:
    return Forbidden(code, detail, next_step="Prove it again for this statement.", field="$.statement.step_up")
