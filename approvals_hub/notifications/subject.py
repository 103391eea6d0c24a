"""What a telling is about, read when it is sent: a question that has ended meanwhile asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain import disclosure, outcome
from approvals_hub.domain.disclosure import Disclosure
from approvals_hub.domain.requirement import stored
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.summary import Summary, summary_of
from approvals_hub.notifications.telling import OPENED

HUB_NAME = "Approvals Hub"
_BY_PEOPLE = (outcome.APPROVED, outcome.DENIED, outcome.NOT_ME)


class Shown(Protocol):
    """Knows what approvers are shown."""

    async def fields_in(self, tx: Tx, org_id: str, escalation_id: str) -> Sequence[Mapping[str, str]] | None:
        """The fields of a question's presentation; None where it is not there any more. Raises SealBroken,
        LookupError."""


async def subject_in(tx: Tx, row: Row, shown: Shown) -> Subject | None:
    """As far as it may be said outside; None where there is nothing to be said any more."""
    if row["escalation_id"] is None:
        return Subject(
            telling_id=row["id"],
            kind=row["kind"],
            org=await store.org_name(tx, row["org_id"]),
            happened_at=row["due_at"],
            expires_at=row["expires_at"],
        )
    about = await store.about(tx, row["id"])
    if about is None or (row["kind"] == OPENED and about["state"] != outcome.OPEN):
        return None
    says = Disclosure() if about["least_said"] else disclosure.stored(about["disclosure"])
    return Subject(
        telling_id=row["id"],
        kind=row["kind"],
        org=about["org_name"],
        says=says,
        summary=await _summary_in(tx, row, says, shown),
        escalation_id=row["escalation_id"],
        agent=about["agent_name"] or HUB_NAME,
        risk=stored(about["requirement"]).risk,
        decided_by=about["ended_by_name"] if about["state"] in _BY_PEOPLE else None,
        happened_at=row["due_at"],
        expires_at=row["expires_at"],
        waiting=await store.waiting(tx, row["id"]) if row["person_id"] else None,
    )


async def _summary_in(tx: Tx, row: Row, says: Disclosure, shown: Shown) -> Summary | None:
    """What is asked, where anything of it may leave the hub. What does not open is not said: the rest still is."""
    if row["kind"] != OPENED or says.is_minimal:
        return None
    try:
        fields = await shown.fields_in(tx, row["org_id"], row["escalation_id"])
    except (LookupError, SealBroken):
        return None
    return None if fields is None else summary_of(fields)
