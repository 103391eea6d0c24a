"""A person's sessions: the present one, all of them, and how they end."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.session import ENROLMENT, TOUCH_AFTER, PersonCredential, Session, admit_person_in
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.revoke_device import revoke_device_in
from approvals_hub.stepup.verify import DeviceSignatures

CURRENT = "current"
"""Names the session that asks."""


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One live session, without its token."""

    session_id: str
    client: str | None
    scope: str
    acr: str
    created_at: int
    last_seen_at: int
    expires_at: int
    current: bool


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over."""

    session_id: str
    ended_at: int
    current: bool


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """Who is signed in; an invitation's session counts here too."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> Session:
        """The session, its idle limit moved now and then. Raises Unauthenticated."""
        now = self.clock.now()

        async def look(tx: Tx) -> Session | HubError:
            return await admit_person_in(tx, credential, now, scope=ENROLMENT)

        session = settled(await self.db.read(look, org=credential.org_id))
        if now - session.last_seen_at >= TOUCH_AFTER:

            async def touch(tx: Tx) -> None:
                await people.touch_session(tx, session.session_id, at=now)

            await self.db.run(touch, org=session.org_id)
        return session


@dataclass(frozen=True, slots=True)
class ListSessions:
    """A person's live sessions."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> list[ListedSession]:
        """List them, oldest first. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[ListedSession] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            return [
                ListedSession(
                    session_id=row["id"],
                    client=row["client"],
                    scope=row["scope"],
                    acr=row["acr"],
                    created_at=row["created_at"],
                    last_seen_at=row["last_seen_at"],
                    expires_at=row["expires_at"],
                    current=row["id"] == session.session_id,
                )
                for row in await people.sessions(tx, session.person_id, now)
            ]

        return settled(await self.db.read(work))


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends one of a person's sessions."""

    db: Database
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, session_id: str = CURRENT) -> EndedSession:
        """End it. Raises NotFound for a session that is not a live one of this person, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> EndedSession | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            ended_id = session.session_id if session_id == CURRENT else session_id
            return await end_session_in(tx, self.recorder, session, ended_id, now)

        return settled(await self.db.run(work))


@dataclass(frozen=True, slots=True)
class SignOut:
    """Ends the session and, where one is named, the device key that stays behind on that device."""

    db: Database
    signatures: DeviceSignatures
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock

    async def __call__(
        self, credential: PersonCredential, device_id: str | None = None, fresh: Fresh | None = None
    ) -> EndedSession:
        """Sign out.

        Raises NotFound for a device that is not this person's, Forbidden where an active one is named without a fresh
        factor (the device itself can sign it); then nothing has happened.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> EndedSession | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            device = None if device_id is None else await people.device(tx, device_id)
            if device_id is not None and (device is None or device["person_id"] != session.person_id):
                return NotFound("device_unknown", "no such device of yours", next_step="Sign out without it.")
            if device is not None and device["state"] == ACTIVE:
                refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
                if refusal is not None:
                    return refusal
            ended = await end_session_in(tx, self.recorder, session, session.session_id, now)
            if device is not None:
                await revoke_device_in(
                    tx,
                    self.recorder,
                    device,
                    org_id=session.org_id,
                    by=session.person_id,
                    actor_type="person",
                    cause="signed_out",
                    now=now,
                )
            return ended

        ended = settled(await self.db.run(work))
        if device_id is not None:
            self.signatures.forget(device_id)
        return ended


async def end_session_in(
    tx: Tx, recorder: Recorder, session: Session, session_id: str, now: int
) -> EndedSession | HubError:
    """End a session of the same person, record it, and wake what waits under it."""
    if await people.end_session(tx, session_id, person_id=session.person_id, at=now) is None:
        return NotFound("session_unknown", "no such session of yours", next_step="Look at the list of sessions.")
    await recorder.record(
        tx,
        Event(
            kind="session.ended",
            org_id=session.org_id,
            at=now,
            actor_type="person",
            actor_id=session.person_id,
            detail={"session_id": session_id},
        ),
    )
    tx.changed(f"person:{session.person_id}")
    tx.changed(f"inbox:{session.person_id}")
    return EndedSession(session_id, now, session_id == session.session_id)
