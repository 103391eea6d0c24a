"""What follows for open questions and for somebody's account when it changes when they are away."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications.outbox import queue_absent, queue_person
from approvals_hub.people.device import TELL_WITHIN


async def absence_changed_in(tx: Tx, org_id: str, person_id: str, news: str | None, now: int) -> None:
    """Whoever stands in sees it at once, in every process, and who is told is worked out anew.

    `news` is told to the person where somebody else wrote it: an absence lets another answer in their place.
    """
    await queue_absent(tx, person_id=person_id, at=now)
    if news is not None:
        await queue_person(tx, kind=news, org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN)
    tx.changed(f"absences:{org_id}")
