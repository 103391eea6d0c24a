"""A way to prove who one is becomes a person's own: the half that runs inside the unit of work of its proof."""

from __future__ import annotations

import hmac

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.stepup import expected_store, factor_store
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.step_up import Kept, Step
from identity.proof import Proof


async def link_in(
    tx: Tx, methods: Methods, recorder: Recorder, step: Step, kept: Kept, proof: Proof, now: int
) -> HubError | None:
    """Keep the factor, record it, and have the person told on every channel they have.

    Where the organisation said whose eID it must be, somebody else's is refused, also when it said so meanwhile.
    """
    factor_id = new_id("fac")
    subject = proof.subject
    subject_hash = None if subject is None else methods.subject_hash(step.method, subject)
    await tx.lock("people", step.person_id)
    expected = await expected_store.waiting(tx, step.org_id, step.person_id, step.method, now)
    if expected is not None and not hmac.compare_digest(bytes(expected["subject_hash"]), subject_hash or b""):
        return other_expected()
    added = await factor_store.add(
        tx,
        factor_id=factor_id,
        person_id=step.person_id,
        method=step.method,
        name=kept.asked.get("name") or step.method,
        subject_hash=subject_hash,
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
    if expected is not None:
        await expected_store.end(tx, expected["id"], cause=expected_store.LINKED, at=now)
    await announce_in(tx, recorder, "factor.added", step.org_id, step.person_id, factor_id, step.method, now=now)
    return None


def other_expected() -> Forbidden:
    """The person's organisation has said that another eID than this one must be theirs."""
    return Forbidden(
        "wrong_person",
        "your organisation expects another person's",
        next_step="Use your own, or say under Devices that the expected one is not yours.",
    )


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
    actor_type: ActorType = "person",
) -> None:
    """Record that a factor changed, and queue the news for its person. `by`: who did it, where it was not they."""
    await recorder.record(
        tx,
        Event(
            kind=kind,  # type: ignore[arg-type]  # one of the kinds that callers name
            org_id=org_id,
            at=now,
            actor_type=actor_type,
            actor_id=by or person_id,
            detail={"factor_id": factor_id, "person_id": person_id, "method": method},
        ),
    )
    await queue_person(tx, kind=kind, org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN)
    if kind in ("factor.expected", "factor.declined"):
        await add_notice_in(
            tx,
            org_id=org_id,
            kind=kind.replace(".", "_"),
            subject_id=person_id,
            by_id=by or person_id,
            at=now,
            told=[person_id],
        )
    tx.changed(f"person:{person_id}")
