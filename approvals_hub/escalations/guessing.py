"""Somebody typed so many wrong numbers that their approval of a question is barred: whoever can look into it hears so.

Three wrong numbers are a tired approver, somebody who approves what they did not start, or whoever holds a session that
is not theirs. The question goes on for the others; the hub cannot tell which of these it is, and people can.
"""

from __future__ import annotations

from approvals_hub.agents import store as agents
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.notifications.notice import add_notice_in, readers_in
from approvals_hub.notifications.outbox import queue_person

NOTICE = "number_guessed"
NEWS = "agent.guessed"
ALERT_WITHIN = DAY
"""How long an admin is told of it, in milliseconds."""


async def number_guessed_in(tx: Tx, recorder: Recorder, escalation: Escalation, person_id: str, now: int) -> None:
    """Record it, count it for the agent, and tell everybody who governs agents, the barred one too: where a session of
    theirs is used by somebody else, they are the first who must know."""
    await agents.count_barred(tx, escalation.agent_id)
    await recorder.record(
        tx,
        Event(
            kind="approver.barred",
            org_id=escalation.org_id,
            at=now,
            actor_type="person",
            actor_id=person_id,
            agent_id=escalation.agent_id,
            escalation_id=escalation.id,
            action_type=escalation.action_type,
        ),
    )
    governs = await readers_in(tx, escalation.org_id)
    await add_notice_in(
        tx, org_id=escalation.org_id, kind=NOTICE, subject_id=escalation.id, by_id=person_id, at=now, told=governs
    )
    for member in governs:
        await queue_person(tx, kind=NEWS, org_id=escalation.org_id, person_id=member, at=now, until=now + ALERT_WITHIN)
