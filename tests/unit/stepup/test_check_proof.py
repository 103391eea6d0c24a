"""The evidence of a proof beside what the log commits to and what the person signed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from approvals_hub.core.clock import to_text
from approvals_hub.domain.in_words import in_words
from approvals_hub.domain.presentation import present
from approvals_hub.stepup.check_proof import BadEvidence, Proven, check_passkey, check_proof, trusted
from approvals_hub_client.canonical import b64u
from identity.proof import Proof
from tests.fakes.bankid_scene import authorities, bankid_scene, step_up_for

INTENT = "sha256:" + "ab" * 32
ACTION = {"action_id": "a1", "action_type": "payment.execute", "payload": {"amount": 85}}
SHOWN = present(ACTION, escalation_id="esc_1", revision=1, audience="bank.example", justification=None)
OTHER = present(
    {**ACTION, "payload": {"amount": 1}}, escalation_id="esc_1", revision=1, audience="bank.example", justification=None
)


def of_text(text: bytes, **changes: Any) -> Any:
    members = {
        "step_up_id": "stu_1",
        "method": "totp",
        "auth_ref": None,
        "began_at": to_text(0),
        "intent_hash": INTENT,
        "evidence": b64u(text),
        "evidence_hash": f"sha256:{sha256(text).hexdigest()}",
    }
    return SimpleNamespace(**{**members, **changes})


def checked(
    proof: Any, hashes: list[str] | None = None, presentation: Any = None, bankid: bytes | None = None
) -> Proven:
    return check_proof(
        proof,
        evidence_hashes=[proof.evidence_hash] if hashes is None else hashes,
        intent_hash=INTENT,
        audience="https://hub.example",
        presentation=presentation,
        trust=trusted(bankid),
    )


@pytest.fixture
async def signed() -> AsyncIterator[Any]:
    """A BankID's signature over the words of a question, as it is kept."""
    async with bankid_scene() as scene:
        words = in_words(SHOWN, asker="bot", organisation="Acme", intent_hash=INTENT, language="sv")
        step_up = step_up_for(scene.now, visible=words, intent_hash=INTENT)
        proof = await scene.signed(step_up)
        assert isinstance(proof, Proof)
        kept = {name: b64u(value) for name, value in proof.evidence.items()}
        text = json.dumps({"salt": b64u(bytes(16)), "subject": proof.subject, "at": proof.at, **kept}).encode()
        yield of_text(text, method="bankid", auth_ref=proof.auth_ref, began_at=to_text(step_up.began_at))


async def test_a_bankids_words_and_hash_are_compared_with_the_question_and_the_intent(signed: Any) -> None:
    found = checked(signed, presentation=SHOWN, bankid=authorities().root.pem)
    assert (found.checked.tied_by, found.checked.pinned, found.words_compared) == ("signed", True, True)


async def test_words_of_another_question_spliced_beside_it_are_found(signed: Any) -> None:
    with pytest.raises(BadEvidence, match="other words"):
        checked(signed, presentation=OTHER, bankid=authorities().root.pem)


async def test_where_the_question_was_erased_the_words_are_not_compared(signed: Any) -> None:
    assert not checked(signed, bankid=authorities().root.pem).words_compared


def test_evidence_that_the_log_does_not_commit_to_is_refused() -> None:
    text = json.dumps({"salt": "", "subject": None, "at": 0}).encode()
    assert checked(of_text(text)).checked.tied_by == "server"
    for proof, hashes in (
        (of_text(text), []),
        (of_text(text, evidence=b64u(text + b" ")), None),
        (of_text(text, evidence=None), None),
        (of_text(text, intent_hash="sha256:" + "cd" * 32), None),
        (of_text(b"[]"), None),
        (of_text(b"{}"), None),
        (of_text(b'{"salt":"","subject":null,"at":0,"x":1}'), None),
        (of_text(text, evidence="!"), None),
    ):
        with pytest.raises(BadEvidence):
            checked(proof, hashes)


def test_a_passkeys_answer_that_is_none_is_refused() -> None:
    for response in ({}, {"clientDataJSON": "e30", "authenticatorData": "", "signature": ""}):
        with pytest.raises(BadEvidence):
            check_passkey(response, b"", bytes(32), "https://hub.example")
