"""Whatever happens to a recovery is recorded and told: the person on every channel, the admins by a notice."""

from __future__ import annotations

from approvals_hub.audit.event import ActorType, Detail, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.db.database import Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.notifications.words import COLLEAGUE
from approvals_hub.orgs import store as orgs
from approvals_hub.people.device import TELL_WITHIN
from approvals_hub.people.person import ACTIVE
from approvals_hub.stepup.recovery import HOST, Recovery


async def announce_recovery_in(
    tx: Tx,
    recorder: Recorder,
    kind: Kind,
    recovery: Recovery,
    *,
    by: str,
    actor_type: ActorType,
    now: int,
    decision: str | None = None,
    detail: Detail | None = None,
) -> None:
    """Record it and queue the news. What the host does, everybody in the organisation is told."""
    members: Detail = {
        "recovery_id": recovery.id,
        "person_id": recovery.person_id,
        "way": recovery.way,
        "device_id": recovery.device_id,
    }
    await recorder.record(
        tx,
        Event(
            kind=kind,
            org_id=recovery.org_id,
            at=now,
            actor_type=actor_type,
            actor_id=by,
            escalation_id=recovery.escalation_id,
            decision=decision,
            detail={**members, **(detail or {})},
        ),
    )
    told = await _told_in(tx, recovery)
    await tell_in(tx, kind, recovery, told, by=by, now=now)
    tx.changed(f"person:{recovery.person_id}")


async def tell_in(tx: Tx, kind: Kind, recovery: Recovery, told: list[str], *, by: str, now: int) -> None:
    """Queue the news for these people, and leave the notice that owners and admins find.

    Whose key it is not, is told so: nobody shall look through their own keys for it.
    """
    for person_id in told:
        news = kind if person_id == recovery.person_id else f"{kind}{COLLEAGUE}"
        await queue_person(tx, kind=news, org_id=recovery.org_id, person_id=person_id, at=now, until=now + TELL_WITHIN)
    await add_notice_in(
        tx,
        org_id=recovery.org_id,
        kind=kind.replace(".", "_"),
        subject_id=recovery.person_id,
        by_id=by,
        at=now,
        told=told,
    )


async def _told_in(tx: Tx, recovery: Recovery) -> list[str]:
    if recovery.way != HOST:
        return [recovery.person_id]
    return [row["id"] for row in await orgs.members(tx, recovery.org_id) if row["state"] == ACTIVE]
