"""Whether the evidence of one proof, as it was kept, proves a person for the intent that they signed. Needs no hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from approvals_hub.core.clock import to_milliseconds
from approvals_hub.domain.in_words import says
from approvals_hub_client.canonical import CanonicalError, loads, unb64u
from approvals_hub_client.statement import step_up_challenge
from identity.kept_evidence import BadEvidence, Checked, Kept, Trusted, certificates, check, passkey_signed
from identity.webauthn import BadPasskey

__all__ = ["BadEvidence", "Checked", "Trusted", "check_passkey", "check_proof", "trusted"]

_NOT_THE_PROVIDERS = ("salt", "subject", "at")


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof that holds."""

    checked: Checked
    words_compared: bool
    """Whether the words that the person signed were compared with the question."""


def trusted(bankid: bytes | None = None, freja: bytes | None = None) -> Trusted:
    """Certificates known from elsewhere, each as a PEM file. Raises ValueError for one that cannot be read."""
    return Trusted(
        () if bankid is None else certificates(bankid),
        () if freja is None else certificates(freja),
    )


def check_proof(
    proof: Any,
    *,
    evidence_hashes: list[str],
    intent_hash: str,
    audience: str,
    presentation: Mapping[str, Any] | None,
    trust: Trusted,
) -> Proven:
    """Verify one `ProofEvidenceView` of an answer whose log entry names these `evidence_hashes`.

    `presentation`: what the person was shown, where its hash is the statement's. Raises BadEvidence.
    """
    if proof.evidence is None or proof.evidence_hash not in evidence_hashes:
        raise BadEvidence(f"{proof.method}: the log does not commit to this evidence, or it is not here")
    try:
        text = unb64u(proof.evidence)
        members = loads(text, max_depth=2)
        evidence = {name: unb64u(value) for name, value in members.items() if name not in _NOT_THE_PROVIDERS}
        began_at, at, subject = to_milliseconds(proof.began_at), members["at"], members["subject"]
    except (CanonicalError, ValueError, KeyError, AttributeError, TypeError):
        raise BadEvidence(f"{proof.method}: the evidence cannot be read") from None
    if f"sha256:{sha256(text).hexdigest()}" != proof.evidence_hash:
        raise BadEvidence(f"{proof.method}: the evidence is not what the log commits to")
    if proof.intent_hash != intent_hash:
        raise BadEvidence(f"{proof.method}: the proof is of another intent than the one that was signed")
    checked = check(
        Kept(
            method=proof.method,
            members=evidence,
            subject=subject,
            intent_hash=intent_hash,
            challenge=step_up_challenge(proof.step_up_id, intent_hash),
            auth_ref=proof.auth_ref,
            audience=audience,
            began_at=began_at,
            at=at,
        ),
        trust,
    )
    if checked.words is None or presentation is None:
        return Proven(checked, words_compared=False)
    if not says(checked.words, presentation, intent_hash=intent_hash):
        raise BadEvidence(f"{proof.method}: the person signed other words than the question's")
    return Proven(checked, words_compared=True)


def check_passkey(response: Mapping[str, Any], public_key: bytes, challenge: bytes, audience: str) -> None:
    """Verify what a passkey signed, with its key alone, on a page of the hub at `audience`. Raises BadEvidence."""
    try:
        passkey_signed(response, public_key, challenge, audience)
    except (BadPasskey, ValueError, KeyError, IndexError) as error:
        raise BadEvidence("the passkey's answer does not verify") from error
