"""Whether one answer of a file of evidence is the one that the log recorded, signed, and proven for. Needs no hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approvals_hub.decisions.evidence_format import EvidenceView, SigningKeyView
from approvals_hub.domain.presentation import presentation_hash
from approvals_hub.people.device import DEVICE_KEY
from approvals_hub.stepup.check_proof import BadEvidence, Proven, Trusted, check_passkey, check_proof
from approvals_hub_client.canonical import CanonicalError, dumps, sha256_text, unb64u
from approvals_hub_client.keys import BadKey, BadSignature, key_of
from approvals_hub_client.statement import (
    BadStatement,
    intent_hash,
    intent_of,
    passkey_challenge,
    signed_bytes,
    statement_of,
)


class BadAnswer(ValueError):
    """Something of it does not hold."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of which everything holds that is still there."""

    erased: bool = False
    ties: tuple[str, ...] = ()
    words: int = 0
    unpinned: tuple[str, ...] = ()


def check_answer(answer: EvidenceView, entry: Mapping[str, Any], trusted: Trusted) -> Found:
    """Compare an answer with its entry in the log, and verify its signature and its proofs. Raises BadAnswer.

    An erased one is compared alone: what it held is gone with the person's key.
    """
    detail = entry["detail"]
    told = (answer.approver_id, answer.device_id, answer.escalation_id, answer.decision, answer.statement_hash)
    recorded = (
        entry["actor_id"],
        detail["device_id"],
        entry["escalation_id"],
        entry["decision"],
        detail["statement_hash"],
    )
    if told != recorded:
        raise BadAnswer("it is not the answer that the log recorded")
    if answer.signed is None:
        return Found(erased=True)
    try:
        raw = unb64u(answer.signed["statement"])
        statement = statement_of(raw)
    except (BadStatement, CanonicalError, ValueError, KeyError, TypeError, AttributeError):
        raise BadAnswer("what was signed is no statement") from None
    if sha256_text(signed_bytes(raw)) != detail["statement_hash"]:
        raise BadAnswer("the statement is not the one that the log commits to")
    _require_signed(answer, statement, raw, detail["key_hash"])
    shown = answer.presentation
    if shown is not None and presentation_hash(shown) != statement["presentation_hash"]:
        raise BadAnswer("the presentation is not the one that was signed")
    return _proofs(answer, statement, detail, trusted)


def _require_signed(answer: EvidenceView, statement: Mapping[str, Any], raw: bytes, key_hash: str) -> None:
    signed, key = answer.signed or {}, answer.key
    if _hash_of(key) != key_hash:
        raise BadAnswer("the key is not the one that the log names")
    try:
        if key.kind == DEVICE_KEY:
            key_of(key.jwk or {}).verify(signed_bytes(raw), unb64u(signed["signature"]))
        else:
            response = signed["assertion"]["response"]
            check_passkey(response, unb64u(key.public_key or ""), passkey_challenge(raw), statement["audience"])
    except (BadKey, BadSignature, BadEvidence, CanonicalError, ValueError, KeyError, TypeError, AttributeError):
        raise BadAnswer("the signature over the statement does not hold") from None


def _hash_of(key: SigningKeyView) -> str:
    try:
        return sha256_text(dumps(key_of(key.jwk or {}).jwk) if key.kind == DEVICE_KEY else unb64u(key.public_key or ""))
    except (BadKey, ValueError):
        raise BadAnswer("the key cannot be read") from None


def _proofs(answer: EvidenceView, statement: Mapping[str, Any], detail: Mapping[str, Any], trusted: Trusted) -> Found:
    listed = {proof.step_up_id: proof for proof in answer.step_ups}
    if set(statement["step_up"]) != listed.keys() or list(statement["step_up"]) != list(detail["step_up"]):
        raise BadAnswer("it comes with other proofs than the statement lists")
    found: list[tuple[str, Proven]] = []
    for proof in answer.step_ups:
        try:
            proven = check_proof(
                proof,
                evidence_hashes=detail["evidence"],
                intent_hash=intent_hash(intent_of(statement)),
                audience=statement["audience"],
                presentation=answer.presentation,
                trust=trusted,
            )
        except BadEvidence as error:
            raise BadAnswer(str(error)) from None
        found.append((proof.method, proven))
    return Found(
        ties=tuple(proven.checked.tied_by for _, proven in found),
        words=sum(proven.words_compared for _, proven in found),
        unpinned=tuple(method for method, proven in found if not proven.checked.pinned),
    )
