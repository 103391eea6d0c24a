"""What an auditor is handed of one answer, and the lines of a file of many.

```
{"header":{…}}     the organisation, when it was written, what was asked for
{"answer":{…}}     one answer: what was signed, by which key, and what proved its person
{"end":{…}}        how many there were, how many are erased, the SHA-256 of all lines before
```
Nothing in the file is signed by the hub. The log commits to each answer (`statement_hash`) and to each proof
(`evidence_hash`), so it is verified together with an export of the log.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import msgspec

from approvals_hub.core.clock import to_text
from approvals_hub.routing.stand_in import read_stand_ins
from approvals_hub_client.canonical import b64u

FORMAT = "approvals-hub.evidence.v1"
MAXIMUM_LINE = 8 << 20
"""The longest line that is read, in bytes: an answer may have several proofs of half a megabyte."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which answers: given from `since` on and before `until` (milliseconds), to this agent, to this question."""

    since: int | None = None
    until: int | None = None
    agent: str | None = None
    escalation: str | None = None

    def query(self) -> dict[str, str]:
        """What was given, as texts."""
        given = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return {name: to_text(value) if isinstance(value, int) else value for name, value in given.items()}


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
    began_at: str
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
    """One answer as it was signed; `signed` and `evidence` are null where they were erased with the person's key.

    `presentation` is what the person was shown; null where the question was erased.
    """

    decision_id: str
    escalation_id: str
    approver_id: str
    device_id: str
    decision: str
    statement_hash: str
    decided_at: str
    superseded_at: str | None
    stands_in: list[StandInView]
    key: SigningKeyView
    signed: dict[str, Any] | None
    presentation: dict[str, Any] | None
    step_ups: list[ProofEvidenceView]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`query` is empty where every answer up to `created` is here."""

    format: str
    org_id: str
    created: str
    query: dict[str, str]


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file held; without it the file is cut."""

    answers: int
    erased: int
    digest: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Any line: one of its members is there."""

    header: Header | None = None
    answer: EvidenceView | None = None
    end: End | None = None


class Count:
    """What the last line says, gathered line by line, in the writing and in the verification."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.answers = 0
        self.erased = 0
        self._digest = sha256()

    def add(self, line: bytes, answer: EvidenceView | None = None) -> None:
        """Count a line; the last one is not counted."""
        self._digest.update(line)
        if answer is not None:
            self.answers += 1
            self.erased += answer.signed is None

    def end(self) -> End:
        """What the last line must be."""
        return End(answers=self.answers, erased=self.erased, digest=self._digest.hexdigest())


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def line_of(line: Line) -> bytes:
    """A line, as it is written."""
    return _encode(line) + b"\n"


def read_line(line: bytes) -> Line:
    """A line. Raises ValueError for anything else."""
    try:
        return _decode(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a line of an evidence file: {error}") from None


def answer_view(
    row: Any,
    signed: dict[str, Any] | None,
    presentation: dict[str, Any] | None,
    proofs: list[tuple[Any, bytes | None]],
) -> EvidenceView:
    """What is shown of a stored answer; `proofs` are rows, each with its opened evidence."""
    return EvidenceView(
        decision_id=row["id"],
        escalation_id=row["escalation_id"],
        approver_id=row["approver_id"],
        device_id=row["device_id"],
        decision=row["decision"],
        statement_hash=row["statement_hash"],
        decided_at=to_text(row["at"]),
        superseded_at=None if row["superseded_at"] is None else to_text(row["superseded_at"]),
        stands_in=[
            StandInView(each.person_id, list(each.through), list(each.absences), to_text(each.until))
            for each in read_stand_ins(row["stands_in"])
        ],
        key=_key(row),
        signed=signed,
        presentation=presentation,
        step_ups=[_proof(proof, text) for proof, text in proofs],
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
        began_at=to_text(row["began_at"]),
        proven_at=None if row["proven_at"] is None else to_text(row["proven_at"]),
        intent_hash=row["intent_hash"],
        evidence_hash=row["evidence_hash"],
        evidence=None if text is None else b64u(text),
    )
