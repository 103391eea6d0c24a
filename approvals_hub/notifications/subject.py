"""What a telling is about, read when it is sent: a question that has ended meanwhile asks nobody."""

from __future__ import annotations

from approvals_hub.db.database import Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import stored
from approvals_hub.notifications import telling_store as store
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.telling import OPENED

HUB_NAME = "Approvals Hub"
_BY_PEOPLE = (outcome.APPROVED, outcome.DENIED, outcome.NOT_ME)


async def subject_in(tx: Tx, row: Row) -> Subject | None:
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
    return Subject(
        telling_id=row["id"],
        kind=row["kind"],
        org=about["org_name"],
        escalation_id=row["escalation_id"],
        agent=about["agent_name"] or HUB_NAME,
        risk=stored(about["requirement"]).risk,
        decided_by=about["ended_by_name"] if about["state"] in _BY_PEOPLE else None,
        happened_at=row["due_at"],
        expires_at=row["expires_at"],
    )
