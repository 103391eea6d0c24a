"""Proofs are checked without a network, from the hub's published keys."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from typing import Any

import pytest

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps, loads
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.proof import BadProof, proof_hash, trusted_keys, verify_proof_offline
from approvals_hub_client.statement import action_hash
from approvals_hub_client.times import to_milliseconds

ACTION = {"action_type": "payment.execute", "payload": {"amount_minor": 1}, "salt": "AAAAAAAAAAAAAAAAAAAAAA"}
KEY = Ed25519SigningKey(bytes(range(32)))
KID = paseto.key_id(KEY.public)
NOW = to_milliseconds("2026-11-21T01:42:00.000Z")
ENTRY: dict[str, Any] = {
    "kid": KID,
    "public_key": b64u(KEY.public.raw),
    "active_from": "2026-01-01T00:00:00.000Z",
    "retired_at": None,
    "valid_until": None,
    "compromised_at": None,
}
PUBLISHED = {"keys": [ENTRY]}
CLAIMS = {
    "iss": "https://hub.example.com",
    "aud": "bank.example.com",
    "iat": "2026-11-21T01:41:00.000Z",
    "exp": "2026-11-21T01:46:00.000Z",
    "kid": KID,
    "decision": "ALLOW",
    "action_hash": action_hash(ACTION),
}


def _token(*, implicit: bytes = paseto.PROOF, **changes: Any) -> str:
    return paseto.sign(KEY, KID, dumps({**CLAIMS, **changes}), implicit=implicit)


def _without(claim: str) -> str:
    claims = {name: value for name, value in CLAIMS.items() if name != claim}
    return paseto.sign(KEY, KID, dumps(claims), implicit=paseto.PROOF)


def _check(token: str, keys: Any = PUBLISHED, **changes: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"audience": "bank.example.com", "action": ACTION, "now": NOW}
    return verify_proof_offline(token, keys, **{**wanted, **changes})


def test_a_proof_gives_its_claims() -> None:
    assert _check(_token()) == CLAIMS


def test_a_proof_is_good_any_number_of_times() -> None:
    assert _check(_token()) == _check(_token())


def test_keys_by_kid_will_do() -> None:
    assert _check(_token(), {KID: KEY.public}) == CLAIMS


def test_it_works_where_opening_a_socket_is_impossible() -> None:
    script = (
        "import json, sys\n"
        "def refuse(event, args):\n    if event.startswith('socket.'): raise SystemExit(event)\n"
        "sys.addaudithook(refuse)\n"
        "from approvals_hub_client import verify_proof_offline\n"
        "print(json.dumps(verify_proof_offline(**json.load(sys.stdin))))\n"
    )
    given = {"token": _token(), "keys": PUBLISHED, "audience": "bank.example.com", "action": ACTION, "now": NOW}
    run = subprocess.run([sys.executable, "-c", script], input=json.dumps(given), capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert loads(run.stdout.strip()) == CLAIMS


@pytest.mark.parametrize(
    ("reason", "token"),
    [
        ("decision", _token(decision="DENY")),
        ("audience", _token(aud="shop.example.com")),
        ("audience", _without("aud")),  # else it would be good at any party
        ("expired", _token(exp="2026-11-21T01:42:00.000Z")),
        ("action", _token(action_hash="sha256:" + "0" * 64)),
        ("bad_signature", _token(implicit=paseto.APPROVAL)),
        ("bad_signature", _token(implicit=paseto.OUTCOME)),
        ("purpose", _token(purpose="approval")),
        ("malformed", "v4.public.x"),
        ("malformed", ""),
    ],
)
def test_what_proves_nothing_is_refused(reason: str, token: str) -> None:
    with pytest.raises(BadProof) as refusal:
        _check(token)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("changed", [{"payload": {"amount_minor": 2}}, {"salt": "B" * 22}, {"extra": 1}, {"x": 2**60}])
def test_a_proof_for_another_action_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadProof) as refusal:
        _check(_token(), action={**ACTION, **changed})
    assert refusal.value.reason == "action"


def test_a_proof_of_another_hub_is_refused() -> None:
    with pytest.raises(BadProof) as refusal:
        _check(_token(), issuer="https://other.example.com")
    assert refusal.value.reason == "issuer"


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "compromised_at": "2026-11-20T00:00:00.000Z"},
        {**ENTRY, "valid_until": "2026-11-21T01:42:00.000Z"},
        {**ENTRY, "valid_until": "never"},
        {**ENTRY, "kid": "chosen"},
        {**ENTRY, "public_key": b64u(Ed25519SigningKey(bytes(32)).public.raw)},
        {**ENTRY, "public_key": b64u(bytes([1]) + bytes(31))},
        {**ENTRY, "public_key": 5},
        {"kid": KID},
    ],
)
def test_a_key_that_may_not_be_relied_on_is_left_out(entry: dict[str, Any]) -> None:
    assert trusted_keys({"keys": [entry]}, NOW) == {}
    with pytest.raises(BadProof) as refusal:
        _check(_token(), {"keys": [entry]})
    assert refusal.value.reason == "unknown_key"


def test_a_retired_key_is_still_good_for_what_it_signed() -> None:
    assert _check(_token(), {"keys": [{**ENTRY, "retired_at": "2026-11-21T00:00:00.000Z"}]})


def test_a_proof_is_named_by_the_hash_of_its_only_text() -> None:
    token = _token()
    assert proof_hash(token) == "sha256:" + sha256(token.encode()).hexdigest()
    with pytest.raises(paseto.BadToken):
        proof_hash(token + "=")
