"""How a person's sessions end: the present one by itself, the others by somebody who shows that they are there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Forbidden, HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, DEVICE_KEY
from approvals_hub.people.session import (
    EMAIL_LINK,
    ENROLMENT,
    FRESH,
    FULL,
    PersonCredential,
    Session,
    admit_person_in,
    enrolment_only,
)
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.revoke_device import revoke_device_in
from approvals_hub.stepup.verify import DeviceSignatures

CURRENT = "current"
"""Names the session that asks."""


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over; `device_id` opened it, and is `forgotten` where its key ended too."""

    session_id: str
    ended_at: int
    current: bool
    device_id: str | None = None
    forgotten: str | None = None


@dataclass(frozen=True, slots=True)
class EndSession:
    """Ends a person's sessions and, where asked to, the device keys that opened them.

    The present one ends without a factor: signing out must never be hard. Any other takes one (OWASP ASVS 7.5.2), or
    whoever stole a session would throw its person out of all others (docs/decisions/0068).
    """

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
        """End it. One that is not the present one takes a fresh factor, or a sign-in elsewhere a moment ago.

        A browser that keeps an active device key signs in again by itself; with `forget_device` that key is revoked,
        its push address and its other sessions go, all in this one unit. A passkey stays: it opens nothing unless its
        person unlocks it, and it may be on several devices.

        Raises Forbidden where a fresh factor is needed and was not sent, and for another session than its own asked by
        an enrolment's; then, so that nobody learns which sessions there are, NotFound for one that is not a live one of
        this person; Unauthenticated. What is refused has done nothing.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> EndedSession | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            ended_id = session.session_id if session_id == CURRENT else session_id
            others = ended_id != session.session_id
            if others and session.scope != FULL:
                return enrolment_only()
            keys = await _keys_in(tx, session, now, only=ended_id) if forget_device else []
            refusal = await self._refuse_in(tx, session, keys, fresh, now, others=others)
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
            refusal = await self._refuse_in(tx, session, keys, fresh, now, others=True)
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
        self, tx: Tx, session: Session, keys: list[Row], fresh: Fresh | None, now: int, *, others: bool
    ) -> HubError | None:
        """Why this session may not take these keys away, or end another one; None where it may."""
        if fresh is None and not keys:
            if not others or _proven_just_now(session, now):
                return None
            if _by_provider(session):
                return _sign_in_again()
        return await self.fresh.verify_fresh_in(tx, session, fresh, now)


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


def _by_provider(session: Session) -> bool:
    """Whether an identity provider opened it: no key did, and a mailbox alone decides nothing."""
    return session.device_id is None and session.scope == FULL and session.method != EMAIL_LINK


def _proven_just_now(session: Session, now: int) -> bool:
    """Whether its sign-in is the authentication again: somebody who lost their only key, or never had one, has no
    other."""
    return _by_provider(session) and now - session.authenticated_at <= FRESH


def _sign_in_again() -> Forbidden:
    return Forbidden(
        "sign_in_again",
        "to end another session takes that you have just signed in, or your key again, now",
        next_step="Sign in again and send this within five minutes, or send a fresh factor of a device of yours: sign a"
        " challenge of purpose `fresh`, and send that as `fresh`.",
        field="$.fresh",
    )


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
