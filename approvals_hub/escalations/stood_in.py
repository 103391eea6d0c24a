"""In whose place somebody answers or answered, with names: for cards, inboxes and receipts."""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.db.database import Tx
from approvals_hub.people import store as people
from approvals_hub.routing.stand_in import StandIn, StoodIn, stood_in


async def stood_in_for_in(tx: Tx, found: Collection[StandIn]) -> tuple[StoodIn, ...]:
    """With the names that these people have now; nothing is read for nobody."""
    if not found:
        return ()
    names = await people.names(tx, [each.person_id for each in found])
    return tuple(stood_in(each, names) for each in found)
