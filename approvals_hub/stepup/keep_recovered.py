"""The new key of a recovery is kept: from here on it waits, or counts at once where its link has waited."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.people import invite_store as invites
from approvals_hub.people.session import FULL, Session
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.announce_recovery import announce_recovery_in
from approvals_hub.stepup.recovery import COMPLETED, DECIDE_WITHIN, HOST, RECOVER, Recovery, recovery_over


@dataclass(frozen=True, slots=True)
class Link:
    """What the session's link was for; nothing where the person has signed in with a key."""

    purpose: str | None = None
    recovery: Recovery | None = None


async def link_of_in(tx: Tx, session: Session) -> Link:
    """The link that a session came from, with its recovery."""
    if session.scope == FULL or session.invite_id is None:
        return Link()
    invite = await invites.invite_by_id(tx, session.invite_id)
    if invite is None:
        return Link()
    return Link(str(invite["purpose"]), await store.of_invite(tx, invite["id"]))


def refuse_link(link: Link, now: int) -> HubError | None:
    """Why a recovery's link takes no key now, or None."""
    if link.purpose != RECOVER:
        return None
    return None if link.recovery is not None and link.recovery.takes_key(now) else recovery_over()


async def keep_recovered_in(
    tx: Tx, recorder: Recorder, recovery: Recovery, *, device_id: str, key_hash: str, now: int
) -> Recovery:
    """Note its key. A second key takes the place of the first one, and its waiting time begins anew.

    The caller holds the person's row and has asked whether the recovery takes a key.
    """
    waits = 0 if recovery.way == HOST else recovery.wait
    kept = await store.enrolled(
        tx, recovery.id, device_id=device_id, counts_at=now + waits, expires_at=now + waits + DECIDE_WITHIN
    )
    assert kept is not None  # the person's row is held since it was asked
    kind: Kind = "recovery.waiting"
    if kept.way == HOST:
        ended = await store.end(tx, kept.id, state=COMPLETED, cause=None, by=kept.person_id, at=now)
        assert ended is not None
        kept, kind = ended, "recovery.completed"
    await announce_recovery_in(
        tx,
        recorder,
        kind,
        kept,
        by=kept.person_id,
        actor_type="person",
        now=now,
        detail={"key_hash": key_hash},
    )
    return kept
