"""A person enrols a key; `enrolment` says which ways in there are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.notifications.outbox import queue_person
from approvals_hub.people import invite_store as invites
from approvals_hub.people import joining_store as joining
from approvals_hub.people import store as people
from approvals_hub.people.device import ACTIVE, PENDING, TELL_WITHIN, Device, device_of
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.person import check_name
from approvals_hub.people.session import ENROLMENT, FULL, PersonCredential, Session, admit_person_in
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup import store
from approvals_hub.stepup.challenge import ENROL, challenge_refused, spend_challenge_in
from approvals_hub.stepup.enrolment import SETUP, Enrolled, Enrolment, Permit, check_texts, first_state, refusal
from approvals_hub.stepup.joined import record_joined
from approvals_hub.stepup.keep_recovered import Link, keep_recovered_in, link_of_in, refuse_link
from approvals_hub.stepup.new_key import ProvenKey, permission_bytes, prove
from approvals_hub.stepup.open_session import (
    OpenedSession,
    SessionSecrets,
    Whose,
    new_session_secrets,
    open_session_in,
)
from approvals_hub.stepup.recovery import CODE
from approvals_hub.stepup.revoke_device import revoke_device_in
from approvals_hub.stepup.use_device import use_device_in
from approvals_hub.stepup.verify import DeviceSignatures, Verified


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was made or found before the unit of work."""

    key: ProvenKey | HubError
    permit: Verified | HubError | None
    device_id: str
    digits: str = field(repr=False)
    secrets: SessionSecrets
    visitor: Visitor
    now: int


@dataclass(frozen=True, slots=True)
class EnrolDevice:
    """Adds a device to the person of the session."""

    db: Database
    signatures: DeviceSignatures
    visits: KeepVisits
    clock: Clock

    async def __call__(self, credential: PersonCredential, enrolment: Enrolment, visitor: Visitor) -> Enrolled:
        """Enrol. The challenge is spent whatever comes of it.

        Raises Invalid for a key or proof that is refused, Forbidden where an existing key must sign first, Conflict
        for a key that was enrolled before, Unauthenticated for a session or challenge that does not count.
        """
        check_texts(enrolment)
        now = self.clock.now()
        session, challenge = settled(await self._begin(credential, enrolment, now))
        key = prove(self.signatures.rp, enrolment.key, challenge=challenge, person_id=session.person_id)
        fixed = _Fixed(
            key=key,
            permit=await self._permit(enrolment.existing, key, challenge, session.person_id),
            device_id=new_id("dev"),
            digits=f"{secrets.randbelow(1_000_000):06d}",
            secrets=new_session_secrets(),
            visitor=visitor,
            now=now,
        )

        async def work(tx: Tx) -> Enrolled | HubError:
            admitted = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(admitted, HubError):
                return admitted
            await tx.lock("people", admitted.person_id)
            spent = await spend_challenge_in(
                tx, enrolment.challenge_id, purpose=ENROL, session_id=admitted.session_id, now=now
            )
            if isinstance(spent, HubError):
                return spent
            enrolled = await self._enrol_in(tx, admitted, enrolment, fixed)
            if isinstance(enrolled, HubError):
                await self._refused_in(tx, admitted, fixed, enrolled)
            return enrolled

        # The key that it takes the place of is its person's in every organisation, and so are that key's sessions.
        return settled(await self.db.run(work))

    async def _begin(
        self, credential: PersonCredential, enrolment: Enrolment, now: int
    ) -> tuple[Session, bytes] | HubError:
        async def work(tx: Tx) -> tuple[Session, bytes] | HubError:
            session = await admit_person_in(tx, credential, now, scope=ENROLMENT)
            if isinstance(session, HubError):
                return session
            challenge = await store.challenge(tx, enrolment.challenge_id)
            if challenge is None or challenge["session_id"] != session.session_id:
                return challenge_refused()
            return session, bytes(challenge["challenge"])

        return await self.db.read(work, org=credential.org_id)

    async def _permit(
        self, permit: Permit | None, key: ProvenKey | HubError, challenge: bytes, person_id: str
    ) -> Verified | HubError | None:
        if permit is None or isinstance(key, HubError):
            return None
        message = permission_bytes(key, challenge=challenge, person_id=person_id)
        return await self.signatures.check(permit.device_id, message, permit.signature, permit.assertion)

    async def _enrol_in(self, tx: Tx, session: Session, enrolment: Enrolment, fixed: _Fixed) -> Enrolled | HubError:
        if isinstance(fixed.key, HubError):
            return fixed.key
        devices, link = await people.devices(tx, session.person_id), await link_of_in(tx, session)
        first = not await joining.ever_had_key(tx, session.person_id)
        refused = await self._refuse_in(tx, session, link, devices, fixed.key, fixed, first=first)
        if refused is not None:
            return refused
        await self._replace_in(tx, session, devices, enrolment.installation_id, fixed.key.kind, fixed.now)
        recovery = link.recovery
        way = None if recovery is None else recovery.way
        state = first_state(scope=session.scope, purpose=link.purpose, way=way, first=first)
        digits = fixed.digits if state == PENDING and way != CODE else None
        device = await self._add_in(tx, session, link, enrolment, fixed.key, state, digits, fixed)
        if recovery is not None:
            recovery = await keep_recovered_in(
                tx, self.visits.recorder, recovery, device_id=device.device_id, key_hash=device.key_hash, now=fixed.now
            )
        opens = session.scope != FULL and state == ACTIVE
        opened = await self._promote_in(tx, session, link, device, fixed) if opens else None
        return Enrolled(device, digits, opened, recovery)

    async def _refuse_in(
        self, tx: Tx, session: Session, link: Link, devices: list[Row], key: ProvenKey, fixed: _Fixed, *, first: bool
    ) -> HubError | None:
        active = sum(row["state"] == ACTIVE for row in devices)
        refused = refuse_link(link, fixed.now) or refusal(
            scope=session.scope,
            purpose=link.purpose,
            person_id=session.person_id,
            active=active,
            permit=fixed.permit,
            first=first,
        )
        if refused is not None:
            return refused
        if await _is_known_in(tx, key):
            return Conflict(
                "key_known", "this key was enrolled before", next_step="Make a new key; one key is one device, once."
            )
        if not isinstance(fixed.permit, Verified) or session.scope != FULL:
            return None
        used = await use_device_in(tx, self.visits.recorder, fixed.permit, org_id=session.org_id, now=fixed.now)
        return used if isinstance(used, HubError) else None

    async def _replace_in(
        self, tx: Tx, session: Session, devices: list[Row], installation: str | None, kind: str, now: int
    ) -> None:
        """Only the newest key can be confirmed, so that no forgotten one is; and an app that makes a new key has lost
        the one that it had, or leaves it. A key that lets nobody in yet takes none away."""
        again = installation if session.scope == FULL else None
        for row in devices:
            same = again is not None and (row["installation_id"], row["kind"]) == (again, kind)
            if row["state"] == PENDING or (row["state"] == ACTIVE and same):
                await revoke_device_in(
                    tx,
                    self.visits.recorder,
                    row,
                    org_id=session.org_id,
                    by=session.person_id,
                    actor_type="person",
                    cause="replaced",
                    now=now,
                )

    async def _add_in(
        self,
        tx: Tx,
        session: Session,
        link: Link,
        enrolment: Enrolment,
        key: ProvenKey,
        state: str,
        digits: str | None,
        fixed: _Fixed,
    ) -> Device:
        invite = await invites.invite_by_id(tx, session.invite_id) if session.invite_id else None
        await people.add_device(
            tx,
            id=fixed.device_id,
            person_id=session.person_id,
            kind=key.kind,
            alg=key.alg,
            jwk=key.jwk,
            credential_id=key.credential_id,
            public_key=key.public_key,
            key_hash=key.key_hash,
            sign_count=key.sign_count,
            backup_eligible=int(key.backup_eligible),
            backed_up=int(key.backed_up),
            name=check_name(enrolment.name),
            platform=enrolment.platform,
            app_version=enrolment.app_version,
            installation_id=enrolment.installation_id,
            state=state,
            digits=digits,
            recovery_id=None if link.recovery is None else link.recovery.id,
            invited_by=None if invite is None else invite["invited_by"],
            created_at=fixed.now,
            confirmed_at=fixed.now if state == ACTIVE else None,
        )
        await self._tell_in(tx, session, key, state, fixed)
        row = await people.device(tx, fixed.device_id)
        assert row is not None
        return device_of(row)

    async def _tell_in(self, tx: Tx, session: Session, key: ProvenKey, state: str, fixed: _Fixed) -> None:
        """The log gets the key's hash, every other device of the person the news."""
        permit = fixed.permit if isinstance(fixed.permit, Verified) else None
        await self.visits.recorder.record(
            tx,
            Event(
                kind="device.enrolled",
                org_id=session.org_id,
                at=fixed.now,
                actor_type="person",
                actor_id=session.person_id,
                signature_valid=True,
                detail={
                    "device_id": fixed.device_id,
                    "key_hash": key.key_hash,
                    "kind": key.kind,
                    "alg": key.alg,
                    "state": state,
                    "backup_eligible": key.backup_eligible,
                    "existing_device_id": permit.device_id if permit else None,
                    "invite_id": session.invite_id,
                },
            ),
        )
        await queue_person(
            tx,
            kind="device.enrolled",
            org_id=session.org_id,
            person_id=session.person_id,
            at=fixed.now,
            until=fixed.now + TELL_WITHIN,
        )
        tx.changed(f"person:{session.person_id}")
        if state == PENDING:
            tx.changed(f"pending:{session.org_id}")

    async def _promote_in(self, tx: Tx, session: Session, link: Link, device: Device, fixed: _Fixed) -> OpenedSession:
        """The link's session ends with its active key, and so do all others; a full one is opened, with a new id."""
        person_id = session.person_id
        await people.end_sessions_of(tx, person_id, at=fixed.now)
        whose = Whose(session.org_id, person_id, FULL, device_id=device.device_id, device_kind=device.kind)
        if link.purpose == SETUP:
            await invites.end_setup_invites(tx, fixed.now)
            await record_joined(
                tx, self.visits.recorder, org_id=session.org_id, person_id=person_id, by=person_id, now=fixed.now
            )
        return await open_session_in(tx, self.visits, fixed.secrets, whose, fixed.visitor, fixed.now)

    async def _refused_in(self, tx: Tx, session: Session, fixed: _Fixed, refused: HubError) -> None:
        key_hash = None if isinstance(fixed.key, HubError) else fixed.key.key_hash
        await self.visits.recorder.record(
            tx,
            Event(
                kind="device.refused",
                org_id=session.org_id,
                at=fixed.now,
                actor_type="person",
                actor_id=session.person_id,
                decision=refused.code,
                detail={"key_hash": key_hash, "field": refused.field, "session_id": session.session_id},
            ),
        )


async def _is_known_in(tx: Tx, key: ProvenKey) -> bool:
    """Whether this key was ever enrolled, by anybody: a revoked one does not come back, two people share none."""
    if await store.device_of_key(tx, key.key_hash) is not None:
        return True
    return key.credential_id is not None and await people.device_of_credential(tx, key.credential_id) is not None
