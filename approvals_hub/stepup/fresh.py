"""A fresh factor: proof that the person of a session is here now, for what a stolen session must not do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Forbidden, HubError
from approvals_hub.db.database import Row, Tx
from approvals_hub.people import store as people
from approvals_hub.people.session import Session
from approvals_hub.stepup.challenge import FRESH, spend_challenge_in
from approvals_hub.stepup.use_device import use_device_in
from approvals_hub.stepup.verify import Verified, check_row, not_signed
from approvals_hub_client.canonical import b64u
from approvals_hub_client.statement import sign_in_bytes
from identity.webauthn import BadPasskey, RelyingParty, credential_named


@dataclass(frozen=True, slots=True)
class Fresh:
    """The `fresh` member of a body: a challenge of this session, signed by an active device of its person.

    A passkey may leave the device out: its answer names the credential, of which a browser may have several.
    """

    challenge_id: str
    device_id: str | None
    signature: bytes | None = None
    assertion: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FreshFactor:
    """Verifies fresh factors inside the unit of work that needs one."""

    recorder: Recorder
    rp: RelyingParty
    public_url: str

    async def verify_fresh_in(self, tx: Tx, session: Session, fresh: Fresh | None, now: int) -> HubError | None:
        """None where the factor holds; it is spent by this unit. Otherwise the refusal, already recorded.

        Forbidden where none was sent or the signature does not hold, Unauthenticated for a spent challenge.
        """
        if fresh is None:
            return Forbidden(
                "fresh_factor_needed",
                "this needs your key again, now",
                next_step="Sign a challenge of purpose `fresh` with a device of yours, and send that as `fresh`.",
                field="$.fresh",
            )
        refusal = await self._verify_in(tx, session, fresh, now)
        if refusal is not None:
            await self.recorder.record(
                tx,
                Event(
                    kind="session.refused",
                    org_id=session.org_id,
                    at=now,
                    actor_type="person",
                    actor_id=session.person_id,
                    decision=refusal.code,
                    signature_valid=False if refusal.code == "invalid_signature" else None,
                    detail={"session_id": session.session_id, "device_id": fresh.device_id},
                ),
            )
        return refusal

    async def _verify_in(self, tx: Tx, session: Session, fresh: Fresh, now: int) -> HubError | None:
        spent = await spend_challenge_in(tx, fresh.challenge_id, purpose=FRESH, session_id=session.session_id, now=now)
        if isinstance(spent, HubError):
            return spent
        row = await _device_in(tx, fresh)
        if row is None or row["person_id"] != session.person_id:
            return not_signed()
        raw = bytes(spent["challenge"])
        message = sign_in_bytes(challenge=b64u(raw), device_id=row["id"], audience=self.public_url)
        verified = check_row(self.rp, row, message, fresh.signature, fresh.assertion, challenge=raw)
        if not isinstance(verified, Verified):
            return verified
        used = await use_device_in(tx, self.recorder, verified, org_id=session.org_id, now=now)
        return used if isinstance(used, HubError) else None


async def _device_in(tx: Tx, fresh: Fresh) -> Row | None:
    if fresh.device_id is not None:
        return await people.device(tx, fresh.device_id)
    try:
        credential_id, _ = credential_named(fresh.assertion)
    except BadPasskey:
        return None
    return await people.device_of_credential(tx, credential_id)
