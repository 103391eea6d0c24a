"""A person's sessions: the present one, all of them, and how they end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, DEVICE_KEY
from approvals_hub.people.session import ENROLMENT, TOUCH_AFTER, PersonCredential, Session, admit_person_in
from approvals_hub.people.visit import near
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.revoke_device import revoke_device_in
from approvals_hub.stepup.verify import DeviceSignatures

CURRENT = "current"
"""Names the session that asks."""


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One live session, without its token."""

    session_id: str
    device_id: str | None
    method: str | None
    """How it was opened: a kind of device, a provider's name, `email_link` or `invitation`."""
    client: str | None
    network: str | None
    """Where from, as little as helps to know the place again."""
    scope: str
    acr: str
    created_at: int
    last_seen_at: int
    expires_at: int
    current: bool


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over; `device_id` opened it, and is `forgotten` where its key ended too."""

    session_id: str
    ended_at: int
    current: bool
    device_id: str | None = None
    forgotten: str | None = None


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """Who is signed in; an invitation's session counts here too."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> Session:
        """The session, its idle limit moved now and then. Raises Unauthenticated, also for a token from before a
        step-up: its page is to find out that it lost the answer with the new one."""
        now, credential = self.clock.now(), replace(credential, changes=True)

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
                    device_id=row["device_id"],
                    method=row["method"],
                    client=row["client"],
                    network=near(row["address"]),
                    scope=row["scope"],
                    acr=row["acr"],
                    created_at=row["created_at"],
                    last_seen_at=row["last_seen_at"],
                    expires_at=row["expires_at"],
                    current=row["id"] == session.session_id,
                )
                for row in await people.sessions(tx, session.person_id, now, org_id=session.only_in)
            ]

        return settled(await self.db.read(work))


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends one of a person's sessions and, where asked to, the device key that opened it."""

    db: Database
    signatures: DeviceSignatures
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock

    async def __call__(
        self,
        credential: PersonCredential,
        session_id: str = CURRENT,
        *,
        forget_device: bool = False,
        fresh: Fresh | None = None,
    ) -> EndedSession:
        """End it.

        A browser that keeps an active device key signs in again by itself; with `forget_device` that key is revoked,
        its push address and its other sessions go, all in this one unit. A passkey stays: it opens nothing unless its
        person unlocks it, and it may be on several devices.

        Raises NotFound for a session that is not a live one of this person, Forbidden where a key would be revoked and
        no fresh factor was sent (then nothing has happened), Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> EndedSession | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            ended_id = session.session_id if session_id == CURRENT else session_id
            keys = await _keys_in(tx, session, now, only=ended_id) if forget_device else []
            refusal = await self._refuse_in(tx, session, keys, fresh, now)
            if refusal is not None:
                return refusal
            ended = await end_session_in(tx, self.recorder, session, ended_id, now)
            if isinstance(ended, HubError) or not keys:
                return ended
            [device] = keys
            await forget_device_in(tx, self.recorder, session, device, now)
            here = ended.current or session.device_id == device["id"]  # the key takes all its sessions along
            return replace(ended, forgotten=device["id"], current=here)

        ended = settled(await self.db.run(work))
        if ended.forgotten is not None:
            self.signatures.forget(ended.forgotten)
        return ended

    async def others(
        self, credential: PersonCredential, *, forget_devices: bool = False, fresh: Fresh | None = None
    ) -> list[str]:
        """End all of the person's sessions but the present one; their ids. Raises what ending one does.

        With `forget_devices`, the device keys that opened them are revoked too, as in ending one; this session's stays.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[list[str], list[str]] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            keys = await _keys_in(tx, session, now) if forget_devices else []
            refusal = await self._refuse_in(tx, session, keys, fresh, now)
            if refusal is not None:
                return refusal
            # One that is on its way to another organisation is ended there.
            await tx.lock("people", session.person_id)
            ended = [
                str(row["id"])
                for row in await people.end_other_sessions(
                    tx, session.person_id, but=session.session_id, at=now, org_id=session.only_in
                )
            ]
            for session_id in ended:
                await record_end_in(tx, self.recorder, session, session_id, now)
            for device in keys:
                await forget_device_in(tx, self.recorder, session, device, now)
            return ended, [row["id"] for row in keys]

        ended, forgotten = settled(await self.db.run(work))
        for device_id in forgotten:
            self.signatures.forget(device_id)
        return ended

    async def _refuse_in(
        self, tx: Tx, session: Session, keys: list[Row], fresh: Fresh | None, now: int
    ) -> HubError | None:
        """Whoever stole a session takes none of the person's keys away."""
        return await self.fresh.verify_fresh_in(tx, session, fresh, now) if keys else None


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
                await forget_device_in(tx, self.recorder, session, device, now)
            return ended if isinstance(ended, HubError) else replace(ended, forgotten=device_id)

        ended = settled(await self.db.run(work))
        if device_id is not None:
            self.signatures.forget(device_id)
        return ended


async def _keys_in(tx: Tx, session: Session, now: int, *, only: str | None = None) -> list[Row]:
    """The person's active device keys that opened this live session of theirs, or all but the one that asks."""
    live = await people.sessions(tx, session.person_id, now, org_id=session.only_in)
    if only is None:
        opened_by = {row["device_id"] for row in live} - {session.device_id}
    else:
        opened_by = {row["device_id"] for row in live if row["id"] == only}
    active = await people.active_devices(tx, session.person_id)
    return [row for row in active if row["id"] in opened_by and row["kind"] == DEVICE_KEY]


async def forget_device_in(tx: Tx, recorder: Recorder, session: Session, device: Row, now: int) -> None:
    """Revoke a device of the session's own person because its session was ended."""
    await revoke_device_in(
        tx,
        recorder,
        device,
        org_id=session.org_id,
        by=session.person_id,
        actor_type="person",
        cause="signed_out",
        now=now,
    )


async def end_session_in(
    tx: Tx, recorder: Recorder, session: Session, session_id: str, now: int
) -> EndedSession | HubError:
    """End a session of the same person, record it, and wake what waits under it."""
    row = await people.end_session(tx, session_id, person_id=session.person_id, at=now, org_id=session.only_in)
    if row is None:
        return NotFound("session_unknown", "no such session of yours", next_step="Look at the list of sessions.")
    await record_end_in(tx, recorder, session, session_id, now)
    return EndedSession(session_id, now, session_id == session.session_id, row["device_id"])


async def record_end_in(tx: Tx, recorder: Recorder, session: Session, session_id: str, now: int) -> None:
    """Write the entry of an end that the person of `session` asked for."""
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
