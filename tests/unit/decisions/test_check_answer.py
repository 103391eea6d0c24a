"""One answer beside its entry: the statement, the key, the signature and the proofs, each exchanged by an attacker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from approvals_hub.decisions.check_answer import BadAnswer, check_answer
from approvals_hub.stepup.check_proof import Trusted
from approvals_hub_client.canonical import b64u, unb64u
from approvals_hub_client.keys import Ed25519SigningKey
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.decisions.evidence_files import answers_in, bent, evidence_of, export_of, verified
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_app, question


def another_statement(answer: dict[str, Any]) -> None:
    statement = json.loads(unb64u(answer["signed"]["statement"]))
    text = json.dumps({**statement, "reason_code": "other"}, sort_keys=True, separators=(",", ":"))
    answer["signed"]["statement"] = b64u(text.encode())


def another_key(answer: dict[str, Any]) -> None:
    answer["key"]["jwk"] = Ed25519SigningKey().public.jwk


def another_signature(answer: dict[str, Any]) -> None:
    answer["signed"]["signature"] = b64u(bytes(64))


def another_presentation(answer: dict[str, Any]) -> None:
    answer["presentation"]["fields"][0]["value"] = "payment.refund"


def proof_left_out(answer: dict[str, Any]) -> None:
    answer["step_ups"] = []


def another_evidence(answer: dict[str, Any]) -> None:
    answer["step_ups"][0]["evidence"] = b64u(b"{}")


def another_intent(answer: dict[str, Any]) -> None:
    answer["step_ups"][0]["intent_hash"] = "sha256:" + "0" * 64


ATTACKS = {
    another_statement: "the statement is not the one that the log commits to",
    another_key: "the key is not the one that the log names",
    another_signature: "the signature over the statement does not hold",
    another_presentation: "the presentation is not the one that was signed",
    proof_left_out: "it comes with other proofs than the statement lists",
    another_evidence: "totp: the evidence is not what the log commits to",
    another_intent: "totp: the proof is of another intent than the one that was signed",
}


async def test_whatever_is_exchanged_in_an_answer_is_found(house: StaffedHub) -> None:
    app = await link_app(house.owner)
    await app.approve(await question(house, methods=("totp",)))
    file, export = await evidence_of(house), await export_of(house)
    for attack, why in ATTACKS.items():
        [fault] = verified(bent(file, attack), export).faults
        if attack is another_evidence:
            assert fault.why.startswith("totp: "), attack
        else:
            assert fault.why == why, attack


async def test_a_passkeys_answer_verifies_by_its_key_and_a_changed_one_does_not(house: StaffedHub) -> None:
    phone = await house.owner.further_device(SoftAuthenticator())
    await phone.answer((await house.bot.ask()).escalation.id)
    file, export = await evidence_of(house), await export_of(house)
    assert verified(file, export).verified == 1

    def flip(answer: dict[str, Any]) -> None:
        response = answer["signed"]["assertion"]["response"]
        response["signature"] = b64u(b"\0" + unb64u(response["signature"])[1:])

    [fault] = verified(bent(file, flip), export).faults
    assert fault.why == "the signature over the statement does not hold"


async def test_bytes_that_are_no_statement_are_said_to_be_none(house: StaffedHub) -> None:
    await house.owner.answer((await house.bot.ask()).escalation.id)
    [answer] = answers_in(bent(await evidence_of(house), lambda told: told["signed"].update(statement="e30")))
    entry = {
        "actor_id": answer.approver_id,
        "escalation_id": answer.escalation_id,
        "decision": answer.decision,
        "detail": {"device_id": answer.device_id, "statement_hash": answer.statement_hash},
    }
    with pytest.raises(BadAnswer, match="no statement"):
        check_answer(answer, entry, Trusted())
