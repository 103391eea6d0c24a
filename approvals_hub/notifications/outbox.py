"""Rows that say somebody must be told, written in the unit of work that gives the reason."""

from __future__ import annotations

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications import store

OPENED = "escalation.opened"


async def queue_opened(tx: Tx, *, escalation_id: str, org_id: str, at: int, until: int) -> None:
    """The people of this question are to be told, until it expires."""
    await store.add(
        tx, row_id=new_id("out"), org_id=org_id, kind=OPENED, escalation_id=escalation_id, due_at=at, expires_at=until
    )


async def queue_person(tx: Tx, *, kind: str, org_id: str, person_id: str, at: int, until: int) -> None:
    """One person is to be told something about their own account, like a new device."""
    await store.add(
        tx, row_id=new_id("out"), org_id=org_id, kind=kind, person_id=person_id, due_at=at, expires_at=until
    )
