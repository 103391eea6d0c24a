"""Whatever happens to a break-glass is an entry of a class of its own, and all owners and admins are told at once."""

from __future__ import annotations

from approvals_hub.audit.event import ActorType, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.changes.break_glass import BreakGlass
from approvals_hub.db.database import Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people.person import ACTIVE
from approvals_hub.stepup.announce_recovery import tell_in
from approvals_hub.stepup.recovery import Recovery


async def announce_break_glass_in(
    tx: Tx,
    recorder: Recorder,
    kind: Kind,
    glass: BreakGlass,
    recovery: Recovery,
    *,
    by: str,
    actor_type: ActorType,
    now: int,
) -> None:
    """Record it, tell every owner and admin and the person whose key it is about, and leave a notice."""
    await recorder.record(
        tx,
        Event(
            kind=kind,
            org_id=glass.org_id,
            at=now,
            actor_type=actor_type,
            actor_id=by,
            escalation_id=recovery.escalation_id,
            decision=glass.cause,
            detail={
                "break_glass_id": glass.id,
                "recovery_id": recovery.id,
                "person_id": recovery.person_id,
                "asked_by": glass.asked_by,
                "joined_by": glass.joined_by,
            },
        ),
    )
    await tell_in(tx, kind, recovery, await _told_in(tx, recovery), by=by, now=now)


async def _told_in(tx: Tx, recovery: Recovery) -> list[str]:
    members = await orgs.members(tx, recovery.org_id)
    governs = {
        row["id"] for row in members if row["state"] == ACTIVE and {"owner", "admin"} & set(row["roles"].split())
    }
    return sorted(governs | {recovery.person_id})
