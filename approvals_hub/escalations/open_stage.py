"""The next stage of a question begins: its people are asked from now on."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import read_beside
from approvals_hub.escalations import allowance_store as allowance
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import store
from approvals_hub.escalations.delegates import delegates_in
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.routes import follow_in
from approvals_hub.notifications.outbox import queue_opened
from approvals_hub.orgs import store as orgs
from approvals_hub.routing.still_asked import still_asked_in


async def open_stage_in(tx: Tx, recorder: Recorder, escalation: Escalation, stage: int, now: int) -> None:
    """Ask those whose stage it is now, once: their inboxes wake, and they are to be told.

    A stage that has begun does not end again: where somebody of an earlier one stops counting, those of both may
    answer, and the question is approved when all stages hold.
    """
    if not await store.open_stage(tx, escalation.id, stage=stage):
        return
    asked = escalation.asked()
    begun = sorted(asked.asked_at(stage) - asked.asked_at(escalation.stage))
    people = await _still_asked_in(tx, escalation, stage, begun)
    await inbox.put(
        tx,
        people=people,
        escalation_id=escalation.id,
        org_id=escalation.org_id,
        expires_at=escalation.expires_at,
    )
    beside = read_beside(escalation.beside)
    delegates = () if beside is None else await delegates_in(tx, escalation.org_id, people, beside, now)
    await allowance.count_prompts(tx, org_id=escalation.org_id, people=(*people, *delegates), day=now // DAY)
    await recorder.record(
        tx,
        Event(
            kind="escalation.stage_opened",
            org_id=escalation.org_id,
            at=now,
            actor_type="hub",
            actor_id="hub",
            agent_id=escalation.agent_id,
            escalation_id=escalation.id,
            action_id=escalation.action_id,
            action_type=escalation.action_type,
            detail={"stage": stage, "asked": len(people)},
        ),
    )
    await follow_in(tx, escalation, people, now)
    await queue_opened(tx, escalation_id=escalation.id, org_id=escalation.org_id, at=now, until=escalation.expires_at)
    tx.changed(escalation.id)
    for person_id in people:
        tx.changed(f"inbox:{person_id}")


async def _still_asked_in(tx: Tx, escalation: Escalation, stage: int, people: list[str]) -> tuple[str, ...]:
    """Those of these whom it still names: somebody may have left before it was their turn."""
    beside = read_beside(escalation.beside)
    roles = await orgs.roles_of(tx, escalation.org_id, people)
    asked = await still_asked_in(
        tx,
        escalation.org_id,
        escalation.asked(),
        {person: roles.get(person, "") for person in people},
        opened_at=escalation.created_at,
        veto=() if beside is None else beside.veto,
    )
    return tuple(sorted(asked.asked_at(stage).intersection(people)))
