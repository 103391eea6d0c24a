"""A way to prove who one is becomes a person's own: the half that runs inside the unit of work of its proof."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.step_up import Kept, Step
from identity.proof import Proof


async def link_in(
    tx: Tx, methods: Methods, recorder: Recorder, step: Step, kept: Kept, proof: Proof, now: int
) -> HubError | None:
    """Keep the factor, record it, and have the person told on every channel they have."""
    factor_id = new_id("fac")
    subject = proof.subject
    added = await factor_store.add(
        tx,
        factor_id=factor_id,
        person_id=step.person_id,
        method=step.method,
        name=kept.asked.get("name") or step.method,
        subject_hash=None if subject is None else methods.subject_hash(step.method, subject),
        sealed=await methods.seal_data_in(tx, step.person_id, step.method, proof.data or {}),
        at=now,
        by=step.person_id,
    )
    if not added:
        return Conflict(
            "factor_taken",
            "you have this way already, or it is somebody else's",
            next_step="Remove the present one first; an account or eID belongs to one person.",
        )
    await announce_in(tx, recorder, "factor.added", step.org_id, step.person_id, factor_id, step.method, now=now)
    return None


async def announce_in(
    tx: Tx,
    recorder: Recorder,
    kind: str,
    org_id: str,
    person_id: str,
    factor_id: str,
    method: str,
    *,
    now: int,
    by: str | None = None,
) -> None:
    """Record that a factor changed, and queue the news for its person."""
    await recorder.record(
        tx,
        Event(
            kind=kind,  # type: ignore[arg-type]  # one of the two kinds that callers name
            org_id=org_id,
            at=now,
            actor_type="person",
            actor_id=by or person_id,
            detail={"factor_id": factor_id, "person_id": person_id, "method": method},
        ),
    )
    await queue_person(tx, kind=kind, org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN)
    tx.changed(f"person:{person_id}")
