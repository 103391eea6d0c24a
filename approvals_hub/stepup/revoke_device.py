"""Devices end: by their owner, by an owner or admin of the organisation, or by too many wrong digits."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.audit.event import ActorType, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.orgs import membership_store
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, PASSKEY, PENDING, TELL_WITHIN, Device, device_of
from approvals_hub.people.session import ENROLMENT, PersonCredential, Session, admit_person_in
from approvals_hub.stepup import recovery_store as recoveries
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.methods import WEBAUTHN
from approvals_hub.stepup.over import DEVICE_REVOKED, end_live_in
from approvals_hub.stepup.verify import DeviceSignatures


@dataclass(frozen=True, slots=True)
class ListDevices:
    """A person's own devices."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential) -> list[tuple[Device, bool]]:
        """All of them, revoked ones too, oldest first, each with whether it opened this session.

        The session of a link sees what was enrolled since, and waits for it: whoever holds a link learns nothing of
        the keys that were there before. Raises Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> list[tuple[Device, bool]] | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            rows = await people.devices(tx, session.person_id)
            if session.scope == ENROLMENT:
                rows = [row for row in rows if row["created_at"] >= session.created_at]
            return [(device_of(row), row["id"] == session.device_id) for row in rows]

        return settled(await self.db.read(work, org=credential.org_id))


@dataclass(frozen=True, slots=True)
class RevokeDevice:
    """Revokes one's own device, or that of a member one governs.

    One's own takes a fresh factor: who stole a session must not take the person's keys away. Whoever governs stops
    others at once, as everywhere; and a key that waits is turned down without ceremony, by whomever it may be.
    """

    db: Database
    signatures: DeviceSignatures
    fresh: FreshFactor
    recorder: Recorder
    clock: Clock

    async def __call__(self, credential: PersonCredential, device_id: str, fresh: Fresh | None = None) -> Device:
        """Revoke it for good; its sessions end, its person is told. Revoking again answers the same.

        Raises NotFound for a device that is nobody's whom the caller governs, Forbidden for one's own without a fresh
        factor, Conflict for a key that counts of somebody who is in other organisations too, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Row | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await people.device(tx, device_id)
            if row is None or not await _governs_in(tx, session, row["person_id"]):
                return NotFound("device_unknown", "no such device", next_step="Look at the list of devices.")
            if row["person_id"] == session.person_id and row["state"] == ACTIVE:
                refusal = await self.fresh.verify_fresh_in(tx, session, fresh, now)
                if refusal is not None:
                    return refusal
            elif not await _decides_in(tx, session, row):
                return _elsewhere()
            await revoke_device_in(
                tx,
                self.recorder,
                row,
                org_id=session.org_id,
                by=session.person_id,
                actor_type="person",
                cause="asked",
                now=now,
            )
            again = await people.device(tx, device_id)
            assert again is not None
            return again

        # A device is its person's, in every organisation: its sessions end in all of them.
        row = settled(await self.db.run(work))
        self.signatures.forget(device_id)
        return device_of(row)


async def revoke_device_in(
    tx: Tx, recorder: Recorder, device: Row, *, org_id: str, by: str, actor_type: ActorType, cause: str, now: int
) -> bool:
    """Revoke a device, end the sessions that it opened, and tell its person; False where it was revoked before.

    A vote that it gave stops counting as soon as this commits: redemption asks for the device's state.
    """
    person_id = device["person_id"]
    # A session of it that is on its way to another organisation is ended there.
    await tx.lock("people", person_id)
    if await people.revoke_device(tx, device["id"], at=now) is None:
        return False
    if device["kind"] == PASSKEY:
        await end_live_in(tx, recorder, person_id, WEBAUTHN, DEVICE_REVOKED, now)
    ended = await people.end_sessions_of(tx, person_id, at=now, device_id=device["id"])
    # What the device signed stops counting everywhere, so it stands in each organisation's log: there with its own
    # sessions, and without whoever did it elsewhere.
    for each in {org_id: None} | dict.fromkeys(await membership_store.every(tx, person_id)):
        known = each == org_id or by == person_id
        event = Event(
            kind="device.revoked",
            org_id=each,
            at=now,
            actor_type=actor_type if known else "hub",
            actor_id=by if known else "hub",
            decision=cause,
            detail={
                "device_id": device["id"],
                "person_id": person_id,
                "key_hash": device["key_hash"],
                "sessions": [row["id"] for row in ended if row["org_id"] == each],
            },
        )
        await recorder.record(tx, event)
    await queue_person(tx, kind="device.revoked", org_id=org_id, person_id=person_id, at=now, until=now + TELL_WITHIN)
    tx.changed(f"person:{person_id}")
    tx.changed(f"inbox:{person_id}")
    return True


def _elsewhere() -> Conflict:
    """Otherwise whoever gets somebody into an organisation of their own could end the keys they have for another."""
    return Conflict(
        "several_organisations",
        "a key is its person's in every organisation, and the others were not asked",
        next_step="They revoke it themselves; disable them here until then.",
    )


async def _decides_in(tx: Tx, session: Session, device: Row) -> bool:
    """Whether somebody else's key is one organisation's to end: its person is in no other, or it waits and was let in
    here. Of a key that a recovery elsewhere brings, those colleagues decide, and each that is turned down costs a
    code."""
    if device["person_id"] == session.person_id or await membership_store.count(tx, device["person_id"]) < 2:
        return True
    if device["state"] != PENDING or device["recovery_id"] is None:
        return bool(device["state"] != ACTIVE)
    recovery = await recoveries.find(tx, device["recovery_id"])
    return recovery is not None and recovery.org_id == session.org_id


async def _governs_in(tx: Tx, session: Session, person_id: str) -> bool:
    if person_id == session.person_id:
        return True
    if not session.allows(Permission.GOVERN_PEOPLE):
        return False
    return await orgs.member(tx, session.org_id, person_id) is not None
