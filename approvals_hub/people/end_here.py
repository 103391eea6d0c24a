"""Ends what a person has in one organisation, inside the unit of work of whoever decided it; nothing of the others."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.people import invite_store as invites
from approvals_hub.people import joinings_store as joinings
from approvals_hub.people import session_store as sessions


async def end_here_in(tx: Tx, org_id: str, person_id: str, now: int) -> None:
    """End sessions, links and joinings in this organisation.

    Keys and factors are the person's and stay. Waiting polls and sockets end by the topics that this publishes; those
    of another organisation look, find that they still count, and wait on.
    """
    await sessions.end_sessions_in(tx, person_id, org_id, at=now)
    await invites.end_invites_in(tx, person_id, org_id, now)
    await joinings.end_of(tx, org_id, person_id, at=now)
    tx.changed(f"person:{person_id}")
    tx.changed(f"inbox:{person_id}")
