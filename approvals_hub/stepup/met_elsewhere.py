"""What an organisation expects of somebody is met, or something else is linked, while they are signed in to another.

The unit that links sees its own organisation's rows alone; this one runs for the whole hub, a little later.
"""

from __future__ import annotations

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.db.database import Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.stepup import expected_store as store

LIMIT = 100


async def note_met_in(tx: Tx, recorder: Recorder, now: int) -> int:
    """Mark expectations that were met elsewhere; tell the admins, once, where another eID was linked there.

    Such another one proves nobody here as long as the expected one is waited for (docs/decisions/0017). Returns how
    many were marked.
    """
    marked = 0
    for row in await store.brought_elsewhere(tx, now, LIMIT):
        if not row["same"]:
            await add_notice_in(
                tx,
                org_id=row["org_id"],
                kind="identity_differs",
                subject_id=row["person_id"],
                by_id=None,
                at=now,
                once_in=now - row["created_at"],
            )
            continue
        await store.end(tx, row["id"], cause=store.LINKED, at=now)
        await recorder.record(
            tx,
            Event(
                kind="factor.met",
                org_id=row["org_id"],
                at=now,
                actor_type="person",
                actor_id=row["person_id"],
                detail={"factor_id": row["id"], "person_id": row["person_id"], "method": row["method"]},
            ),
        )
        tx.changed(f"person:{row['person_id']}")
        marked += 1
    return marked
