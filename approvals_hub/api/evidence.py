"""What lies sealed beside the log, over HTTP: signed statements and the evidence of step-ups."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Items, at
from approvals_hub.core.clock import to_text
from approvals_hub_client.canonical import b64u


class SigningKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """The key of the answer's device: `jwk` of a device key; `public_key` (COSE, base64url) of a passkey."""

    kind: str
    alg: str
    key_hash: str
    jwk: dict[str, Any] | None
    public_key: str | None
    credential_id: str | None


class ProofEvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """A step-up that the answer used. The SHA-256 of `evidence` (base64url) is `evidence_hash`, as in the log."""

    step_up_id: str
    method: str
    binding: str
    auth_ref: str | None
    proven_at: str | None
    intent_hash: str
    evidence_hash: str | None
    evidence: str | None


class StandInView(msgspec.Struct, frozen=True):
    """Somebody who was asked, in whose place the approver answered: the delegates on the way, the absences by their
    ids, and when the first of these was to end."""

    person_id: str
    through: list[str]
    absences: list[str]
    until: str


class EvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """One answer as it was signed; `signed` and `evidence` are null where they were erased with the person's key."""

    decision_id: str
    approver_id: str
    device_id: str
    decision: str
    statement_hash: str
    decided_at: str
    superseded_at: str | None
    stands_in: list[StandInView]
    key: SigningKeyView
    signed: dict[str, Any] | None
    step_ups: list[ProofEvidenceView]


async def read(call: Call[None]) -> Items[EvidenceView]:
    """The signed answers to a question, with what proved their people; that somebody read them is an entry."""
    found = await call.hub.read_evidence(call.person, call.part("org"), call.part("id"))
    return Items(
        [
            EvidenceView(
                decision_id=kept.row["id"],
                approver_id=kept.row["approver_id"],
                device_id=kept.row["device_id"],
                decision=kept.row["decision"],
                statement_hash=kept.row["statement_hash"],
                decided_at=to_text(kept.row["at"]),
                superseded_at=at(kept.row["superseded_at"]),
                stands_in=[
                    StandInView(each.person_id, list(each.through), list(each.absences), to_text(each.until))
                    for each in kept.stands_in
                ],
                key=_key(kept.row),
                signed=kept.signed,
                step_ups=[_proof(proof.row, proof.text) for proof in kept.proofs],
            )
            for kept in found
        ]
    )


def _key(row: Any) -> SigningKeyView:
    return SigningKeyView(
        kind=row["kind"],
        alg=row["alg"],
        key_hash=row["key_hash"],
        jwk=None if row["jwk"] is None else json.loads(row["jwk"]),
        public_key=None if row["public_key"] is None else b64u(bytes(row["public_key"])),
        credential_id=None if row["credential_id"] is None else b64u(bytes(row["credential_id"])),
    )


def _proof(row: Any, text: bytes | None) -> ProofEvidenceView:
    return ProofEvidenceView(
        step_up_id=row["id"],
        method=row["method"],
        binding=row["binding"],
        auth_ref=row["auth_ref"],
        proven_at=at(row["proven_at"]),
        intent_hash=row["intent_hash"],
        evidence_hash=row["evidence_hash"],
        evidence=None if text is None else b64u(text),
    )
