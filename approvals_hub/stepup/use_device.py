"""A verified signature counts, or not, by the device's state in this very unit of work."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated
from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, PASSKEY, PENDING, TELL_WITHIN
from approvals_hub.stepup.verify import Verified


async def use_device_in(tx: Tx, recorder: Recorder, verified: Verified, *, org_id: str, now: int) -> Row | HubError:
    """The device's row if it may sign now, and its use noted; otherwise why not."""
    row = await people.device(tx, verified.device_id)
    if row is None or row["state"] != ACTIVE:
        return refused_device(None if row is None else row["state"])
    await note_use_in(tx, recorder, verified, org_id=org_id, now=now)
    return row


async def note_use_in(tx: Tx, recorder: Recorder, verified: Verified, *, org_id: str, now: int) -> None:
    """Keep a passkey's counter, whether it is synced by now, and the time of use.

    A counter that went back is no refusal (authenticators that were restored do that): the device is flagged, the log,
    the person and the admins are told, and a policy may refuse flagged devices.
    """
    before = None if verified.flagged is None else await people.device(tx, verified.device_id)
    await people.used_device(
        tx,
        verified.device_id,
        sign_count=verified.new_sign_count,
        backed_up=verified.backed_up,
        flagged=verified.flagged,
        at=now,
    )
    if before is not None:
        await _flag_in(tx, recorder, verified, org_id=org_id, now=now, again=before["flagged"] is not None)


async def note_copies_in(tx: Tx, verified: Verified, now: int) -> None:
    """Keep of a passkey whose answer was refused whether it is synced by now: a page does not offer it again where that
    is why. Its counter stays as it was: the same answer sent once more is no sign of a second key."""
    if verified.kind == PASSKEY:
        await people.used_device(
            tx, verified.device_id, sign_count=0, backed_up=verified.backed_up, flagged=None, at=now
        )


def refused_device(state: str | None) -> HubError:
    """Why a device in this state signs nothing."""
    if state == PENDING:
        return Forbidden(
            "device_pending",
            "this device was not confirmed yet",
            next_step="Whoever invited you compares the six digits on both screens and confirms them.",
        )
    return Unauthenticated(
        "device_revoked", "this device may not sign any more", next_step="Sign in with another device."
    )


async def _flag_in(tx: Tx, recorder: Recorder, verified: Verified, *, org_id: str, now: int, again: bool) -> None:
    await recorder.record(
        tx,
        Event(
            kind="device.flagged",
            org_id=org_id,
            at=now,
            actor_type="hub",
            actor_id="hub",
            decision=verified.flagged,
            signature_valid=True,
            detail={"device_id": verified.device_id, "person_id": verified.person_id, "key_hash": verified.key_hash},
        ),
    )
    if again:
        return
    await add_notice_in(
        tx,
        org_id=org_id,
        kind="device_flagged",
        subject_id=verified.device_id,
        by_id=verified.person_id,
        at=now,
    )
    await queue_person(
        tx, kind="device.flagged", org_id=org_id, person_id=verified.person_id, at=now, until=now + TELL_WITHIN
    )
