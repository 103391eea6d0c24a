"""Ends everything a person can do here, at once, inside the unit of work of whoever decided it."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.db.database import Tx
from approvals_hub.people import invite_store as invites
from approvals_hub.people import store
from approvals_hub.people.person import ACTIVE, DISABLED


@dataclass(frozen=True, slots=True)
class Ended:
    """What a disabled person had."""

    sessions: tuple[str, ...]
    devices: tuple[str, ...]


async def disable_in(tx: Tx, person_id: str, now: int) -> Ended | None:
    """Disable an active person: sessions end, devices and open invitations too; None where there is none active.

    Waiting polls and sockets end by the topics that this publishes. The caller records who did it.
    """
    if await store.set_person_state(tx, person_id, old=ACTIVE, new=DISABLED) is None:
        return None
    devices = await store.revoke_devices_of(tx, person_id, at=now)
    sessions = await store.end_sessions_of(tx, person_id, at=now)
    await invites.end_invites_of(tx, person_id, now)
    tx.changed(f"person:{person_id}")
    tx.changed(f"inbox:{person_id}")
    return Ended(tuple(row["id"] for row in sessions), tuple(row["id"] for row in devices))


async def enable_in(tx: Tx, person_id: str) -> bool:
    """Let a disabled person in again; False where they are not disabled.

    Their keys stay revoked: a way back from lost keys brings a new one.
    """
    if await store.set_person_state(tx, person_id, old=DISABLED, new=ACTIVE) is None:
        return False
    tx.changed(f"person:{person_id}")
    return True
