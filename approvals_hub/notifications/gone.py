"""Nothing arrives at an address any more: it is forgotten, and its person hears of it where they are still told."""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY
from approvals_hub.db.database import Row, Tx
from approvals_hub.notifications import store
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.notifications.outlets import name_of
from approvals_hub.people import contact_store as contacts
from approvals_hub.people.device import TELL_WITHIN

PUSH_GONE = "push.gone"
"""The kind of news that says so."""
AGAIN_AFTER = DAY
"""How long the same device's address may be gone again and again before that is news once more, in milliseconds: some
browsers drop each subscription that a page makes, and the page makes one at every opening."""


async def gone_in(tx: Tx, recorder: Recorder, *, org_id: str, contact: Row, at: int, is_news: bool = True) -> None:
    """Whoever delivers there said so. Nothing happens where its device has said since that it still has it.

    A device's address is an entry of the log, and news to the person's other addresses, once: not where there is no
    other one, as the page says it when it is opened, and not while news of this kind wait to be sent.
    """
    is_gone = await contacts.forget_gone(tx, contact["id"], registered_at=contact["registered_at"], at=at)
    person_id, device_id = contact["person_id"], contact["device_id"]
    if not is_gone or device_id is None:
        return
    await recorder.record(
        tx,
        Event(
            kind="device.push_gone",
            org_id=org_id,
            at=at,
            actor_type="hub",
            actor_id="hub",
            detail={"device_id": device_id, "person_id": person_id, "channel": name_of(contact["channel"])},
        ),
    )
    if not is_news or await contacts.gone_since(tx, person_id, device_id, at - AGAIN_AFTER, but=contact["id"]):
        return
    has_other = any(
        row["gone_at"] is None for row in await contacts.of_people(tx, [person_id], org_id=org_id, since=at)
    )
    if has_other and not await store.is_queued(tx, person_id, PUSH_GONE):
        await queue_person(tx, kind=PUSH_GONE, org_id=org_id, person_id=person_id, at=at, until=at + TELL_WITHIN)
