"""A person signs in: with a passkey that says whose it is, or with a named device key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Forbidden, HubError, Unauthenticated, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people import store as people
from approvals_hub.people.keep_visits import KeepVisits
from approvals_hub.people.session import FULL
from approvals_hub.people.visit import Visitor
from approvals_hub.stepup import store
from approvals_hub.stepup.challenge import SIGN_IN, challenge_refused, spend_challenge_in
from approvals_hub.stepup.open_session import (
    OpenedSession,
    SessionSecrets,
    Whose,
    new_session_secrets,
    open_session_in,
)
from approvals_hub.stepup.use_device import use_device_in
from approvals_hub.stepup.verify import DeviceSignatures, Verified
from approvals_hub_client.canonical import b64u
from approvals_hub_client.statement import sign_in_bytes
from identity.webauthn import BadPasskey, credential_named


@dataclass(frozen=True, slots=True)
class SignInProof:
    """`assertion` alone, or `device_id` and its signature over `sign_in_bytes`. `org_id` chooses among several."""

    challenge_id: str
    assertion: dict[str, Any] | None = None
    device_id: str | None = None
    signature: bytes | None = None
    org_id: str | None = None
    native: bool = False
    """Whether it is an app that will refresh its token."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The new session and whose it is."""

    session: OpenedSession
    person_id: str
    person_name: str
    person_email: str | None
    org_id: str
    org_name: str
    roles: tuple[str, ...]
    method: str = ""
    """How they proved who they are."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Opens a full session: SUBSTANTIAL by passkey, LOW by device key."""

    db: Database
    signatures: DeviceSignatures
    visits: KeepVisits
    clock: Clock
    public_url: str

    async def __call__(self, proof: SignInProof, visitor: Visitor) -> SignedIn:
        """Sign in. The challenge is spent by success.

        Raises Unauthenticated with one answer for every proof that does not hold (so it tells nobody which devices
        exist), Forbidden for a device that waits for its confirmation and for a person without any organisation.
        """
        now = self.clock.now()
        secrets = new_session_secrets()
        verified = settled(await self._verify(proof))

        async def work(tx: Tx) -> SignedIn | HubError:
            spent = await spend_challenge_in(tx, proof.challenge_id, purpose=SIGN_IN, session_id=None, now=now)
            if isinstance(spent, HubError):
                return spent
            return await self._open_in(tx, proof, verified, secrets, visitor, now)

        return settled(await self.db.run(work))

    async def _verify(self, proof: SignInProof) -> Verified | HubError:
        named: tuple[bytes, bytes | None] | None = None
        if proof.assertion is not None:
            try:
                named = credential_named(proof.assertion)
            except BadPasskey:
                return _not_proven()

        async def work(tx: Tx) -> tuple[Row | None, str | None]:
            challenge = await store.challenge(tx, proof.challenge_id)
            return challenge, proof.device_id if named is None else await _device_of_in(tx, *named)

        challenge, device_id = await self.db.read(work)
        if challenge is None or challenge["purpose"] != SIGN_IN:
            return challenge_refused()
        if device_id is None:
            return _not_proven()
        raw = bytes(challenge["challenge"])
        message = sign_in_bytes(challenge=b64u(raw), device_id=device_id, audience=self.public_url)
        verified = await self.signatures.check(device_id, message, proof.signature, proof.assertion, challenge=raw)
        return _not_proven() if isinstance(verified, HubError) else verified

    async def _open_in(
        self, tx: Tx, proof: SignInProof, verified: Verified, secrets: SessionSecrets, visitor: Visitor, now: int
    ) -> SignedIn | HubError:
        memberships = await orgs.memberships(tx, verified.person_id)
        chosen = next((row for row in memberships if proof.org_id in (None, row["org_id"])), None)
        if chosen is None:
            return Forbidden(
                "no_organisation",
                "you are in no organisation here (or not in the one you named)",
                next_step="Ask an owner or admin to invite you.",
            )
        person = await people.person(tx, verified.person_id)
        if person is None or person["state"] != "active":
            refusal: HubError = Unauthenticated(
                "person_disabled", "this account is disabled", next_step="Ask an owner or admin."
            )
            await self._refused_in(tx, verified, chosen["org_id"], refusal, visitor, now)
            return refusal
        device = await use_device_in(tx, self.visits.recorder, verified, org_id=chosen["org_id"], now=now)
        if isinstance(device, HubError):
            await self._refused_in(tx, verified, chosen["org_id"], device, visitor, now)
            return device
        whose = Whose(
            chosen["org_id"],
            verified.person_id,
            FULL,
            device_id=verified.device_id,
            device_kind=verified.kind,
            native=proof.native,
        )
        return SignedIn(
            session=await open_session_in(tx, self.visits, secrets, whose, visitor, now),
            person_id=verified.person_id,
            person_name=person["name"],
            person_email=person["email"],
            org_id=chosen["org_id"],
            org_name=chosen["org_name"],
            roles=tuple(sorted(chosen["roles"].split())),
            method=verified.kind,
        )

    async def _refused_in(
        self, tx: Tx, verified: Verified, org_id: str, refusal: HubError, visitor: Visitor, now: int
    ) -> None:
        await self.visits.record_in(
            tx,
            Event(
                kind="session.refused",
                org_id=org_id,
                at=now,
                actor_type="person",
                actor_id=verified.person_id,
                decision=refusal.code,
                signature_valid=True,
                detail={"device_id": verified.device_id, "method": verified.kind},
            ),
            visitor,
        )


def _not_proven() -> Unauthenticated:
    return Unauthenticated(
        "invalid_signature",
        "this is not the signature of a device that is enrolled here, over this challenge",
        next_step="Ask for a new challenge, and sign it with a passkey or device key of this hub.",
    )


async def _device_of_in(tx: Tx, credential_id: bytes, user_handle: bytes | None) -> str | None:
    """The device of a discoverable passkey: its user handle names the person, who must own the credential."""
    if user_handle is None:
        return None
    person = await people.person_of_handle(tx, user_handle)
    device = await people.device_of_credential(tx, credential_id)
    if person is None or device is None or device["person_id"] != person["id"]:
        return None
    return str(device["id"])
