"""A line for owners and admins, which also goes out to their addresses, in the unit of work that gives the reason."""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.core.clock import DAY
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.notifications.words import ADMIN
from approvals_hub.orgs import notice_store as store
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.person import ACTIVE

TELL_WITHIN = 7 * DAY
"""How long it is worth sending, in milliseconds."""


async def add_notice_in(
    tx: Tx,
    *,
    org_id: str,
    kind: str,
    subject_id: str,
    by_id: str | None,
    at: int,
    told: Collection[str] = (),
    once_in: int = 0,
) -> None:
    """Put a line into the admins' inbox, and queue it to everybody who may read it.

    Who did it, and whoever is `told` otherwise, is sent nothing more. `once_in`: milliseconds within which the same
    about the same is no news, for what an attacker can repeat at will: it would be mail to all admins each time.
    """
    if once_in and await store.exists_since(tx, org_id, kind, subject_id, at - once_in):
        return
    await store.add(tx, notice_id=new_id("not"), org_id=org_id, kind=kind, subject_id=subject_id, by_id=by_id, at=at)
    for person_id in await readers_in(tx, org_id):
        if person_id != by_id and person_id not in told:
            await queue_person(tx, kind=ADMIN + kind, org_id=org_id, person_id=person_id, at=at, until=at + TELL_WITHIN)
    tx.changed(f"notices:{org_id}")


async def tell_of_stolen_key_in(tx: Tx, kid: str, at: int) -> None:
    """Every organisation's owners and admins hear that what this signing key signed counts by itself no more: whoever
    relies on proofs of theirs offline needs the new list of keys."""
    for org in await orgs.every(tx):
        await add_notice_in(tx, org_id=org["id"], kind="key_compromised", subject_id=kid, by_id=None, at=at)


async def readers_in(tx: Tx, org_id: str) -> list[str]:
    """The active members who may read notices."""
    return [
        row["id"]
        for row in await orgs.members(tx, org_id)
        if row["state"] == ACTIVE and Permission.READ_NOTICES in permissions(frozenset(row["roles"].split()))
    ]
