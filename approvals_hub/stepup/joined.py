"""Records that somebody's first key counts: from now on they can answer."""

from __future__ import annotations

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.db.database import Tx


async def record_joined(
    tx: Tx,
    recorder: Recorder,
    *,
    org_id: str,
    person_id: str,
    by: str,
    now: int,
    actor_type: ActorType = "person",
    invited_as: str | None = None,
) -> None:
    """Write the entry; `by` is who let them in: the person with the set-up link, or who confirmed the digits.

    `invited_as` is whom the invitation made up, where they came with a key of theirs: groups and plans that name that
    one mean them.
    """
    event = Event(
        kind="person.joined",
        org_id=org_id,
        at=now,
        actor_type=actor_type,
        actor_id=by,
        detail={"person_id": person_id} if invited_as is None else {"person_id": person_id, "invited_as": invited_as},
    )
    await recorder.record(tx, event)
