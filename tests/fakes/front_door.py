"""A hub's front door over a real database: every use case of signing in, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.sealing import KeyEncryptionKeys
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.device import Device
from approvals_hub.people.invite import Invitation, InvitePerson
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.members import ListMembers
from approvals_hub.people.session import PersonCredential, token_hash
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup.accept import Accepted, AcceptInvitation
from approvals_hub.stepup.challenge import IssueChallenge
from approvals_hub.stepup.confirm import ConfirmDevice, ListPendingDevices
from approvals_hub.stepup.end_session import CURRENT, EndedSession, EndSession, SignOut
from approvals_hub.stepup.enrol import EnrolDevice
from approvals_hub.stepup.enrolment import Enrolled, Enrolment, Permit
from approvals_hub.stepup.fresh import Fresh, FreshFactor
from approvals_hub.stepup.new_key import OfferedKey
from approvals_hub.stepup.passkey import relying_party, thumbprint
from approvals_hub.stepup.revoke_device import ListDevices, RevokeDevice
from approvals_hub.stepup.sessions import CurrentSession, ListSessions
from approvals_hub.stepup.set_up import SetUp
from approvals_hub.stepup.sign_in import SignedIn, SignIn, SignInProof
from approvals_hub.stepup.verify import DeviceSignatures
from approvals_hub_client.canonical import b64u, loads, unb64u
from approvals_hub_client.keys import Ed25519SigningKey, SigningKey, jwk_of
from approvals_hub_client.statement import enrol_bytes, further_key_bytes, sign_in_bytes
from tests.fakes.soft_authenticator import SoftAuthenticator

PUBLIC_URL = "https://hub.example"
START = 1_800_000_000_000
HERE = Visitor("test", "192.0.2.1")


class MovableTime:
    """A clock that stands still until a test moves it, in milliseconds."""

    def __init__(self) -> None:
        self.now = START
        self.clock = Clock(lambda: self.now)


@dataclass(frozen=True)
class Phone:
    """An enrolled software device key or passkey, and whose it is."""

    device_id: str
    person_id: str
    key: SigningKey | SoftAuthenticator


class FrontDoor:
    """What `app.py` wires, as far as people and their keys go."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.time = MovableTime()
        clock = self.time.clock
        recorder = self.recorder = Recorder(mac_key=bytes(32))
        self.vault = Vault(KeyEncryptionKeys({"kek_test": bytes(range(32))}))
        visits = self.visits = KeepVisits(recorder, self.vault)
        self.rp = relying_party(PUBLIC_URL)
        self.signatures = DeviceSignatures(db, self.rp)
        self.set_up = SetUp(db, self.vault, recorder, clock, PUBLIC_URL)
        self.invite_person = InvitePerson(db, self.vault, recorder, clock, PUBLIC_URL)
        self.list_members = ListMembers(db, clock)
        self.accept = AcceptInvitation(db, visits, clock)
        self.issue_challenge = IssueChallenge(db, clock, self.rp)
        self.enrol = EnrolDevice(db, self.signatures, visits, clock)
        self.list_pending = ListPendingDevices(db, clock)
        self.sign_in = SignIn(db, self.signatures, visits, clock, PUBLIC_URL)
        self.fresh = FreshFactor(recorder, self.rp, PUBLIC_URL)
        self._confirm = ConfirmDevice(db, recorder, self.fresh, clock)
        self._phones: dict[bytes, Phone] = {}
        """Whose session it is that a phone here opened, by the hash of its token."""
        self.list_devices = ListDevices(db, clock)
        self._revoke_device = RevokeDevice(db, self.signatures, self.fresh, recorder, clock)
        self.current_session = CurrentSession(db, clock)
        self.list_sessions = ListSessions(db, clock)
        self._end_session = EndSession(db, self.signatures, self.fresh, recorder, clock)
        self._sign_out = SignOut(db, self.signatures, self.fresh, recorder, clock)

    async def owner(self, key: SigningKey | SoftAuthenticator | None = None) -> tuple[PersonCredential, Phone]:
        """Set the hub up: the owner's session, and the device that opened it."""
        link = await self.set_up()
        accepted = await self.accept(link.token, HERE)
        key = key or Ed25519SigningKey()
        enrolled = await self.enrol_first(accepted, key)
        assert enrolled.session is not None
        phone = Phone(enrolled.device.device_id, accepted.person_id, key)
        return self._held(credential_of(enrolled.session.token, accepted.org_id), phone), phone

    async def invited(self, owner: PersonCredential, invitation: Invitation | None = None) -> Accepted:
        """Somebody whom the owner invited and who has followed the link."""
        invited = await self.invite_person(owner, invitation or Invitation(name="Ada"))
        return await self.accept(invited.token, HERE)

    async def member(
        self, owner: PersonCredential, key: SigningKey | SoftAuthenticator | None = None, **invitation: Any
    ) -> tuple[PersonCredential, Phone]:
        """An invited member whose first key was confirmed and who has signed in."""
        key = key or Ed25519SigningKey()
        accepted = await self.invited(owner, Invitation(**{"name": "Ada", **invitation}))
        enrolled = await self.enrol_first(accepted, key)
        assert enrolled.digits is not None
        await self.confirm(owner, enrolled.device.device_id, enrolled.digits)
        phone = Phone(enrolled.device.device_id, accepted.person_id, key)
        return self._held(credential_of((await self.signed_in(phone)).session.token, accepted.org_id), phone), phone

    def _held(self, credential: PersonCredential, phone: Phone) -> PersonCredential:
        self._phones[credential.token_hash] = phone
        return credential

    async def confirm(
        self, who: PersonCredential | OperatorCredential, device_id: str, digits: str, *, by_session_alone: bool = False
    ) -> Device:
        """Let a first key in, with a fresh factor of the phone that opened the session."""
        phone = self._phones.get(who.token_hash) if isinstance(who, PersonCredential) else None
        if phone is None or by_session_alone:
            return await self._confirm(who, device_id, digits)
        assert isinstance(who, PersonCredential)
        return await self._confirm(who, device_id, digits, await self.fresh_of(who, phone))

    async def enrol_first(self, accepted: Accepted, key: SigningKey | SoftAuthenticator) -> Enrolled:
        """Enrol the first key of an accepted invitation."""
        return await self.enrol_key(credential_of(accepted.session.token, accepted.org_id), accepted.person_id, key)

    async def enrol_key(
        self,
        credential: PersonCredential,
        person_id: str,
        key: SigningKey | SoftAuthenticator,
        existing: Phone | None = None,
    ) -> Enrolled:
        """Enrol a key as a well-behaved page does; `existing` signs for it."""
        issued = await self.issue_challenge("enrol", credential)
        if isinstance(key, SoftAuthenticator):
            key.user_handle = unb64u(issued.public_key["user"]["id"])
        offered, thumbprint = offer(key, issued.challenge, person_id)
        permit = None
        if existing is not None:
            message = further_key_bytes(
                challenge=b64u(issued.challenge), key_thumbprint=thumbprint, person_id=person_id
            )
            permit = permit_by(existing, message)
        enrolment = Enrolment(issued.challenge_id, offered, "phone", existing=permit)
        return await self.enrol(credential, enrolment, HERE)

    async def signed_in(self, phone: Phone) -> SignedIn:
        """Sign in with an enrolled device."""
        return await self.sign_in(await self.sign_in_proof(phone), HERE)

    async def sign_in_proof(self, phone: Phone) -> SignInProof:
        """What the device sends to sign in."""
        issued = await self.issue_challenge("sign_in")
        if isinstance(phone.key, SoftAuthenticator):
            return SignInProof(issued.challenge_id, assertion=phone.key.get(issued.challenge))
        message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=phone.device_id, audience=PUBLIC_URL)
        return SignInProof(issued.challenge_id, device_id=phone.device_id, signature=phone.key.sign(message))

    async def fresh_of(self, credential: PersonCredential, phone: Phone | None) -> Fresh | None:
        """A fresh factor of this session by this device; none by none."""
        if phone is None:
            return None
        issued = await self.issue_challenge("fresh", credential)
        if isinstance(phone.key, SoftAuthenticator):
            return Fresh(issued.challenge_id, phone.device_id, assertion=phone.key.get(issued.challenge))
        message = sign_in_bytes(challenge=b64u(issued.challenge), device_id=phone.device_id, audience=PUBLIC_URL)
        return Fresh(issued.challenge_id, phone.device_id, signature=phone.key.sign(message))

    async def revoke_device(self, who: PersonCredential, device_id: str, *, by: Phone | None = None) -> Device:
        """Revoke a device, with a fresh factor by `by`."""
        return await self._revoke_device(who, device_id, await self.fresh_of(who, by))

    async def sign_out(
        self, who: PersonCredential, device_id: str | None = None, *, by: Phone | None = None
    ) -> EndedSession:
        """Sign out, with a fresh factor by `by`."""
        return await self._sign_out(who, device_id, await self.fresh_of(who, by))

    async def end_session(
        self, who: PersonCredential, session_id: str = CURRENT, *, forget_device: bool = False, by: Phone | None = None
    ) -> EndedSession:
        """End a session, with a fresh factor by `by`."""
        fresh = await self.fresh_of(who, by)
        return await self._end_session(who, session_id, forget_device=forget_device, fresh=fresh)

    async def end_others(
        self, who: PersonCredential, *, forget_devices: bool = False, by: Phone | None = None
    ) -> list[str]:
        """End all other sessions, with a fresh factor by `by`."""
        fresh = await self.fresh_of(who, by)
        return await self._end_session.others(who, forget_devices=forget_devices, fresh=fresh)

    async def operator(self) -> OperatorCredential:
        """The command line's credential in the only organisation."""
        rows = await self.rows("SELECT id FROM orgs")
        return OperatorCredential(rows[0]["id"])

    async def rows(self, sql: str, **params: Any) -> list[Row]:
        """Read the database directly."""

        async def work(tx: Tx) -> list[Row]:
            return await tx.rows(sql, **params)

        return await self.db.read(work)

    async def events(self, kind: str) -> list[Any]:
        """The decoded entries of one kind, oldest first."""
        rows = await self.rows("SELECT body FROM audit_entries WHERE kind = :kind ORDER BY at, seq", kind=kind)
        return [loads(bytes(row["body"])) for row in rows]


def credential_of(token: str, org_id: str | None = None) -> PersonCredential:
    """The credential that a request with this token brings; with `org_id`, the unit sees that organisation alone."""
    return PersonCredential(token_hash(token), org_id)


def offer(key: SigningKey | SoftAuthenticator, challenge: bytes, person_id: str) -> tuple[OfferedKey, str]:
    """A key with its proof, and its thumbprint."""
    if isinstance(key, SoftAuthenticator):
        return OfferedKey("passkey", credential=key.create(challenge)), thumbprint(key.credential_id)
    message = enrol_bytes(challenge=b64u(challenge), key_thumbprint=key.public.thumbprint, person_id=person_id)
    return OfferedKey("device_key", jwk=jwk_of(key.public), proof=key.sign(message)), key.public.thumbprint


def permit_by(phone: Phone, message: bytes) -> Permit:
    """An existing device's word over `message`."""
    if isinstance(phone.key, SoftAuthenticator):
        return Permit(phone.device_id, assertion=phone.key.get(sha256(message).digest()))
    return Permit(phone.device_id, signature=phone.key.sign(message))
