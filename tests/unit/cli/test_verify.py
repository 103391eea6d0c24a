"""`approvals-hub verify`: proof tokens, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from approvals_hub.core.clock import system_clock, to_text
from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import action_hash
from tests.unit.cli.conftest import Call

ACTION = {"action_type": "db.drop", "payload": {"database": "orders"}, "salt": "AAAAAAAAAAAAAAAAAAAAAA"}


class Proof:
    """A proof token and what it is verified with, as files."""

    def __init__(self, folder: Path, **more: object) -> None:
        key = Ed25519SigningKey()
        kid = paseto.key_id(key.public)
        now = system_clock().now()
        claims = {
            "iss": "http://localhost:8420",
            "aud": "db1.example.com",
            "iat": to_text(now),
            "exp": to_text(now + 300_000),
            "kid": kid,
            "decision": "ALLOW",
            "action_hash": action_hash(ACTION),
            **more,
        }
        self.token = paseto.sign(key, kid, dumps(claims), implicit=paseto.PROOF)
        self.folder = folder
        published = {"keys": [{"kid": kid, "public_key": b64u(key.public.raw), "valid_until": None}]}
        (folder / "keys.json").write_text(json.dumps(published))
        (folder / "action.json").write_text(json.dumps(ACTION))
        (folder / "proof").write_text(self.token + "\n")

    def words(self, token: str | None = None, audience: str = "db1.example.com") -> list[str]:
        return ["verify", token or self.token, "--keys", str(self.folder / "keys.json"), "--audience", audience]


@pytest.fixture
def proof(tmp_path: Path) -> Proof:
    return Proof(tmp_path)


def test_a_proof_is_valid_for_its_audience_and_action(proof: Proof, free_call: Call) -> None:
    words = [*proof.words(f"@{proof.folder}/proof"), "--action", str(proof.folder / "action.json")]
    done = free_call(*words, "--issuer", "http://localhost:8420")
    assert (done.status, done.out.splitlines()[0]) == (0, "VALID")
    assert free_call(*words, "--json").json["claims"]["aud"] == "db1.example.com"


def test_what_everybody_who_approved_must_have_proven_is_asked_and_an_empty_word_is_not(
    tmp_path: Path, free_call: Call
) -> None:
    person = {"person_id": "per_1", "acr": "SUBSTANTIAL", "amr": ["mfa", "pop"], "methods": ["device_key", "bankid"]}
    words = Proof(tmp_path, acr="SUBSTANTIAL", amr=["mfa"], auth_ref=["order-1"], approvers=[person]).words()
    asked = ["--min-acr", "SUBSTANTIAL", "--methods", "freja,bankid", "--amr", "mfa,pop", "--auth-ref", "order-1"]
    assert 'auth_ref: ["order-1"]' in free_call(*words, *asked).out
    for option, more, reason in (
        ("--min-acr", "HIGH", "acr"),
        ("--methods", "passkey", "methods"),
        ("--amr", "user", "amr"),
        ("--auth-ref", "order-2", "auth_ref"),
    ):
        done = free_call(*words, *asked, option, more)
        assert (done.status, f"NOT VALID ({reason}): " in done.out) == (1, True)
        assert free_call(*words, option, "").status == 2
        assert free_call("verify", "--chain", "chain.json", option, more).status == 2
    assert free_call(*words, "--min-acr", "substantial").status == 2
    assert free_call(*words, "--issuer", "").status == 2


def test_a_proof_is_verified_where_opening_a_socket_is_impossible(proof: Proof, offline_call: Call) -> None:
    done = offline_call(*proof.words(f"@{proof.folder}/proof"), "--action", str(proof.folder / "action.json"))
    assert (done.status, done.out.splitlines()[:1], done.err) == (0, ["VALID"], "")


def test_a_proof_for_somebody_else_is_not_valid(proof: Proof, free_call: Call) -> None:
    done = free_call(*proof.words(audience="evil.example.com"), "--json")
    assert (done.status, done.json["valid"], done.json["reason"]) == (1, False, "audience")


def test_a_proof_with_padding_appended_is_not_valid(proof: Proof, free_call: Call) -> None:
    done = free_call(*proof.words(proof.token + "="))
    assert (done.status, "NOT VALID (malformed)" in done.out) == (1, True)


def test_a_proof_for_another_action_is_not_valid(proof: Proof, free_call: Call) -> None:
    (proof.folder / "action.json").write_text(json.dumps({**ACTION, "payload": {"database": "customers"}}))
    assert free_call(*proof.words(), "--action", str(proof.folder / "action.json")).status == 1


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"keys":1}', '{"keys":[],"keys":[]}'])
def test_a_file_that_holds_no_keys_is_status_2(proof: Proof, free_call: Call, text: str) -> None:
    (proof.folder / "keys.json").write_text(text)
    assert free_call(*proof.words()).status == 2


def test_a_proof_says_who_approved_and_in_whose_place(tmp_path: Path, free_call: Call) -> None:
    away = {"person_id": "per_ada", "through": ["per_cy"], "absences": ["abs_1"], "until": "2026-01-02T08:00:00.000Z"}
    proof = Proof(tmp_path, approvers=[{"person_id": "per_dee"}, {"person_id": "per_bo", "stands_in": [away]}])
    said = free_call(*proof.words()).out.splitlines()[-2:]
    assert said == [
        "  approved by per_dee",
        "  approved by per_bo, for per_ada, who is away until 2026-01-02T08:00:00.000Z (by way of per_cy)",
    ]
