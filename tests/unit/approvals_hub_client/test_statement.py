"""The bytes that people and agents sign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client import statement
from approvals_hub_client.canonical import CanonicalError, b64u, dumps, unb64u
from approvals_hub_client.keys import key_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "approvals_hub" / "statement.json").read_text(encoding="utf-8")
)
SIGNED = pytest.mark.parametrize("vector", VECTORS["signed"], ids=["approve", "approve with step-up", "deny"])
GOOD: dict[str, Any] = VECTORS["signed"][0]["statement"]


@SIGNED
def test_an_intent_hashes_as_the_vector_says(vector: dict[str, Any]) -> None:
    assert statement.intent_hash(vector["intent"]) == vector["intent_hash"]


@SIGNED
def test_a_statement_has_its_intent_inside(vector: dict[str, Any]) -> None:
    assert statement.intent_of(vector["statement"]) == vector["intent"]


@SIGNED
def test_the_signed_bytes_are_the_vector_s(vector: dict[str, Any]) -> None:
    assert b64u(statement.signed_bytes(vector["statement"])) == vector["signed_bytes"]


@SIGNED
def test_received_bytes_are_signed_as_they_are(vector: dict[str, Any]) -> None:
    assert b64u(statement.signed_bytes(vector["statement_jcs"].encode())) == vector["signed_bytes"]


@SIGNED
def test_received_bytes_read_to_the_statement(vector: dict[str, Any]) -> None:
    assert statement.statement_of(vector["statement_jcs"].encode()) == vector["statement"]


@SIGNED
@pytest.mark.parametrize("algorithm", ["ed25519", "es256"])
def test_both_kinds_of_device_key_sign_it(vector: dict[str, Any], algorithm: str) -> None:
    key = key_of(VECTORS[algorithm]["jwk"])
    key.verify(unb64u(vector["signed_bytes"]), unb64u(vector[f"{algorithm}_signature"]))


@SIGNED
def test_a_passkey_signs_the_hash_of_the_signed_bytes(vector: dict[str, Any]) -> None:
    assert b64u(statement.passkey_challenge(vector["statement"])) == vector["passkey_challenge"]


@SIGNED
def test_a_step_up_challenge_is_bound_to_step_up_and_intent(vector: dict[str, Any]) -> None:
    made = statement.step_up_challenge(vector["step_up_id"], vector["intent_hash"])
    assert b64u(made) == vector["step_up_challenge"]


def test_the_members_of_a_statement_are_those_of_the_contract_in_its_order() -> None:
    assert ",".join(statement.STATEMENT_MEMBERS) == (
        "profile,audience,org_id,escalation_id,revision,action_hash,presentation_hash,requirement_hash,decision,"
        "reason_code,reason_commitment,match_code,approver_id,device_id,nonce,issued_at,expires_at,"
        "approval_valid_for,step_up"
    )


@pytest.mark.parametrize("attack", VECTORS["refused_statements"])
def test_received_bytes_that_say_it_in_another_way_are_refused(attack: str) -> None:
    with pytest.raises(statement.BadStatement):
        statement.statement_of(VECTORS["refused_statements"][attack].encode())


@pytest.mark.parametrize("attack", [b"", b"[]", b"null", b"\xff", b"{}"])
def test_received_bytes_that_are_no_statement_are_refused(attack: bytes) -> None:
    with pytest.raises(statement.BadStatement):
        statement.statement_of(attack)


@pytest.mark.parametrize("member", statement.STATEMENT_MEMBERS)
@pytest.mark.parametrize("value", [0, -1, 1.5, True, {}, "", [""], [1], [None]])
def test_a_member_of_another_type_is_refused_by_name(member: str, value: object) -> None:
    with pytest.raises(statement.BadStatement) as refusal:
        statement.statement_of(dumps({**GOOD, member: value}))
    assert refusal.value.field == member


@pytest.mark.parametrize("member", statement.STATEMENT_MEMBERS)
def test_a_missing_member_is_refused_by_name(member: str) -> None:
    with pytest.raises(statement.BadStatement) as refusal:
        statement.statement_of(dumps({name: value for name, value in GOOD.items() if name != member}))
    assert refusal.value.field == member


def test_an_intent_with_a_member_of_a_statement_has_no_hash() -> None:
    with pytest.raises(statement.BadStatement):
        statement.intent_hash(GOOD)


def test_an_intent_hash_of_another_length_is_refused_as_it_could_shift_the_step_up_id() -> None:
    with pytest.raises(statement.BadStatement):
        statement.step_up_challenge("stp_", "1" + VECTORS["signed"][0]["intent_hash"])


def test_a_reason_is_committed_to_with_its_salt() -> None:
    reason = VECTORS["reason"]
    assert statement.reason_commitment(reason["text"], unb64u(reason["salt"])) == reason["commitment"]


def test_a_short_salt_from_which_a_reason_could_be_guessed_is_refused() -> None:
    with pytest.raises(statement.BadStatement):
        statement.reason_commitment("no", b"short")


def test_an_action_hashes_as_the_vector_says() -> None:
    assert statement.action_hash(VECTORS["action"]) == VECTORS["action_hash"]
    assert dumps(VECTORS["action"]).decode() == VECTORS["action_jcs"]


def test_actions_that_differ_in_id_time_and_salt_are_similar() -> None:
    again = {**VECTORS["action"], "action_id": "other", "requested_at": "2026-11-22T00:00:00.000Z", "salt": "x"}
    assert statement.similarity_hash(again) == VECTORS["similarity_hash"]


@pytest.mark.parametrize("member", ["action_type", "subject", "relying_party", "payload"])
def test_actions_that_differ_in_what_they_do_are_not_similar(member: str) -> None:
    assert statement.similarity_hash({**VECTORS["action"], member: "other"}) != VECTORS["similarity_hash"]


def test_an_action_without_canonical_form_has_no_hash() -> None:
    with pytest.raises(CanonicalError):
        statement.action_hash({**VECTORS["action"], "payload": {"amount": 2**60}})


@pytest.mark.parametrize("name", ["redeem_pop", "enrol", "further_key", "sign_in", "register", "rotate"])
def test_every_other_signed_text_is_the_vector_s(name: str) -> None:
    vector = VECTORS["other"][name]
    assert b64u(getattr(statement, f"{name}_bytes")(**vector["members"])) == vector["bytes"]


def test_no_signed_text_is_good_for_another_purpose() -> None:
    texts = [unb64u(vector["bytes"]) for vector in VECTORS["other"].values()]
    prefixes = {text.split(b"\0")[0] for text in [*texts, statement.signed_bytes(GOOD)]}
    assert len(prefixes) == len(texts) + 1
