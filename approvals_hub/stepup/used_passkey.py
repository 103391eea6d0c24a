"""A passkey that proved somebody in a step-up was used as any other time: its counter is kept, its device looked at."""

from __future__ import annotations

from typing import Any

from approvals_hub.audit.record import Recorder
from approvals_hub.db.database import Tx
from approvals_hub.people import store as people
from approvals_hub.people.device import COUNTER_REGRESSION, PASSKEY
from approvals_hub.stepup.step_up import Step
from approvals_hub.stepup.use_device import note_copies_in, note_use_in
from approvals_hub.stepup.verify import Verified
from approvals_hub_client.canonical import b64u
from identity.errors import CopiedPasskey
from identity.proof import Proof


async def note_passkey_in(tx: Tx, recorder: Recorder, step: Step, proof: Proof, now: int) -> bool:
    """Note the use of the passkey that signed; False where it is no active device of the person any more."""
    key = proof.evidence.get("public_key")
    for row in await people.active_devices(tx, step.person_id):
        if row["kind"] == PASSKEY and bytes(row["public_key"]) == key:
            regressed = proof.facts.get("counter_regressed") is True
            verified = Verified(
                device_id=row["id"],
                person_id=step.person_id,
                kind=PASSKEY,
                key_hash=row["key_hash"],
                new_sign_count=_count(proof, bytes(row["credential_id"])),
                flagged=COUNTER_REGRESSION if regressed else None,
                backup_eligible=bool(row["backup_eligible"]),
                backed_up=proof.facts.get("backed_up") is True,
            )
            await note_use_in(tx, recorder, verified, org_id=step.org_id, now=now)
            return True
    return False


async def note_refused_in(tx: Tx, step: Step, refused: CopiedPasskey, now: int) -> None:
    """Keep what a passkey that was refused as a copy said of itself: it is not offered again where that is why."""
    for row in await people.active_devices(tx, step.person_id):
        if row["kind"] == PASSKEY and bytes(row["public_key"]) == refused.public_key:
            said = Verified(
                device_id=row["id"],
                person_id=step.person_id,
                kind=PASSKEY,
                key_hash=row["key_hash"],
                new_sign_count=0,
                flagged=None,
                backup_eligible=bool(row["backup_eligible"]),
                backed_up=refused.backed_up,
            )
            await note_copies_in(tx, said, now)


def _count(proof: Proof, credential_id: bytes) -> int:
    kept: list[dict[str, Any]] = (proof.data or {}).get("credentials", [])
    return next((int(one["sign_count"]) for one in kept if one["id"] == b64u(credential_id)), 0)
