"""Whether a step-up that still runs has lost what it stood on: its person, their session, or their factor."""

from __future__ import annotations

from typing import Final

from approvals_hub.audit.record import Recorder
from approvals_hub.db.database import Tx
from approvals_hub.people.person import ACTIVE
from approvals_hub.stepup import step_up_store as store
from approvals_hub.stepup.step_up import Step
from approvals_hub.stepup.step_up_event import ended_event

PERSON_DISABLED: Final = "person_disabled"
SESSION_ENDED: Final = "session_ended"
DEVICE_REVOKED: Final = "device_revoked"
FACTOR_REMOVED: Final = "factor_removed"
UNREADABLE: Final = "unreadable"
"""What its provider remembers does not open: the person's key was destroyed."""


async def over_in(tx: Tx, step: Step, now: int) -> str | None:
    """Why nothing that its provider tells may count any more, or None.

    Providers are asked for minutes, by the hub itself: meanwhile the person may have been disabled, or signed out
    whoever began this with a session that was not theirs to use.
    """
    row = await store.session_of(tx, step.id)
    if row is None or row["person_state"] != ACTIVE:
        return PERSON_DISABLED
    return SESSION_ENDED if row["ended_at"] is not None or now >= row["expires_at"] else None


async def end_live_in(tx: Tx, recorder: Recorder, person_id: str, method: str, cause: str, now: int) -> None:
    """End the person's step-ups for decisions of one way, as what it stood on was taken away; proven ones too."""
    for step in await store.live_by(tx, person_id, method):
        found = await store.end(tx, step.id, cause=cause, hint=None)
        if found is not None:
            await recorder.record(tx, ended_event(found, cause, now))
            tx.changed(f"step-up:{step.id}")
