"""Rows that say somebody must be told, written in the unit of work that gives the reason."""

from __future__ import annotations

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications import callback_store, store, telling_store
from approvals_hub.notifications.telling import OPENED as OPENED

WAKE = "outbox"
"""The topic by which workers hear at once that something is to be said."""
CALLS = "callbacks"
"""The topic by which workers hear that an agent's program is to be called."""
CALL_WITHIN = DAY
"""How long after the end of a question it is tried, in milliseconds."""
TELL_THE_END_WITHIN = HOUR
"""How long it is worth saying that a question is over, in milliseconds."""


async def queue_opened(
    tx: Tx, *, escalation_id: str, org_id: str, at: int, until: int, by_channel: bool = True
) -> None:
    """The people of this question are to be told, until it expires. Where nobody is told `by_channel` it stands in
    their inboxes alone: then no worker is woken, and none looks at it."""
    await store.add(
        tx,
        row_id=new_id("out"),
        org_id=org_id,
        kind=OPENED,
        escalation_id=escalation_id,
        due_at=at if by_channel else until,
        expires_at=until,
    )
    if by_channel:
        tx.changed(WAKE)


async def queue_person(tx: Tx, *, kind: str, org_id: str, person_id: str, at: int, until: int) -> None:
    """One person is to be told something about their own account, like a new device."""
    await store.add(
        tx, row_id=new_id("out"), org_id=org_id, kind=kind, person_id=person_id, due_at=at, expires_at=until
    )
    tx.changed(WAKE)


async def queue_ended(tx: Tx, *, escalation_id: str, at: int) -> None:
    """The question is over: nothing more of it is said, except to whoever may have it on a screen, and in
    the rooms that heard of it."""
    await store.cancel(tx, escalation_id)
    replaced = await telling_store.replace(tx, escalation_id, at=at, until=at + TELL_THE_END_WITHIN)
    replaced += await telling_store.end_rooms(tx, escalation_id, at=at, until=at + TELL_THE_END_WITHIN)
    await telling_store.cancel(tx, escalation_id, at=at)
    if replaced:
        tx.changed(WAKE)
    if await callback_store.due(tx, escalation_id, at=at, until=at + CALL_WITHIN):
        tx.changed(CALLS)


async def queue_again(tx: Tx, *, escalation_id: str, at: int) -> None:
    """Something is known now that may change who is told of this question."""
    if await store.hasten(tx, escalation_id, at=at):
        tx.changed(WAKE)


async def queue_handed_over(tx: Tx, *, escalation_id: str, person_id: str, at: int) -> None:
    """This person has somebody else told of the question: what waits to be sent to them is not, and the other hears."""
    await telling_store.cancel_person(tx, escalation_id, person_id, at=at)
    await queue_again(tx, escalation_id=escalation_id, at=at)


async def queue_absent(tx: Tx, *, person_id: str, at: int) -> None:
    """Others are to be told from now on of what waits for somebody, or they again."""
    await store.hasten_person(tx, person_id, at=at)
    tx.changed(WAKE)


async def extend(tx: Tx, *, escalation_id: str, expires_at: int, at: int) -> None:
    """What is said about a question may be said until its new end."""
    await store.extend(tx, escalation_id, expires_at=expires_at)
    await telling_store.extend(tx, escalation_id, expires_at=expires_at)
    await queue_again(tx, escalation_id=escalation_id, at=at)
