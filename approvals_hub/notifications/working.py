"""Which channels are fit to tell people, for a page that asks at every opening."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications import delivery_store as log
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.rehearse import Rehearse


async def fit_in(tx: Tx, org_id: str, outlets: Outlets, rehearse: Rehearse) -> list[str]:
    """The keys of those whose settings nobody refused last, and that were ready when they were last tried.

    `Health.works` knows more, and counts attempts for it; this reads the last row of an index for each. One that is
    left alone for a moment is fit: a person can do nothing about it, and it is over soon.
    """
    not_ready = rehearse.not_ready()
    found = []
    for key in outlets.by_key:
        last, met = await log.last_word(tx, org_id, key), not_ready.get(key)
        is_refused = last is not None and last["status"] == "settings"
        took_since = met is not None and last is not None and not is_refused and last["at"] > met.at
        if not is_refused and (met is None or took_since):
            found.append(key)
    return found
