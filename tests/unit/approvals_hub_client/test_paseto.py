"""PASETO v4.public: one text per token, and the claims every reader owes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyseto
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client import paseto
from approvals_hub_client.canonical import dumps, unb64u
from approvals_hub_client.keys import BadKey, Ed25519SigningKey
from approvals_hub_client.times import to_milliseconds

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "approvals_hub" / "tokens.json").read_text(encoding="utf-8"))
OFFICIAL = [
    test
    for test in json.loads((FOLDER / "paseto" / "v4.json").read_text())["tests"]
    if "public-key" in test or test["expect-fail"]
]
PASERK = {name: json.loads((FOLDER / "paseto" / f"{name}.json").read_text()) for name in ("k4.pid", "k4.public")}
KEY = Ed25519SigningKey(bytes(range(32)))
KID = paseto.key_id(KEY.public)
NOW = to_milliseconds(VECTORS["now"])
CLAIMS = {"kid": KID, "aud": "me", "iat": "2026-11-21T01:41:00Z", "exp": "2026-11-21T01:46:00.000Z"}


def _read(token: str, **changes: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"implicit": paseto.PROOF, "audience": "me", "now": NOW}
    return paseto.decode({KID: KEY.public}, token, **{**wanted, **changes})


def _token(**changes: Any) -> str:
    return paseto.sign(KEY, KID, dumps({**CLAIMS, **changes}), implicit=paseto.PROOF)


@pytest.mark.parametrize(
    "vector", [test for test in OFFICIAL if not test["expect-fail"]], ids=lambda test: test["name"]
)
def test_the_official_tokens_verify(vector: dict[str, Any]) -> None:
    implicit = vector["implicit-assertion"].encode()
    payload = paseto.verify(bytes.fromhex(vector["public-key"]), vector["token"], implicit=implicit)
    assert payload.decode() == vector["payload"]


@pytest.mark.parametrize("vector", [test for test in OFFICIAL if test["expect-fail"]], ids=lambda test: test["name"])
def test_the_official_wrong_tokens_are_refused(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(vector["public-key"]) if "public-key" in vector else KEY.public
    with pytest.raises(paseto.BadToken):
        paseto.verify(key, vector["token"], implicit=vector["implicit-assertion"].encode())


@pytest.mark.parametrize(
    "vector", [test for test in OFFICIAL if test["footer"] and not test["expect-fail"]], ids=lambda t: t["name"]
)
def test_the_official_tokens_come_out_byte_for_byte(vector: dict[str, Any]) -> None:
    seed = bytes.fromhex(vector["secret-key-seed"])
    kid = json.loads(vector["footer"])["kid"]
    made = paseto.sign(seed, kid, vector["payload"].encode(), implicit=vector["implicit-assertion"].encode())
    assert made == vector["token"]


@pytest.mark.parametrize("vector", [test for test in PASERK["k4.pid"]["tests"] if not test["expect-fail"]])
def test_a_key_id_is_the_official_paserk_id(vector: dict[str, Any]) -> None:
    assert paseto.key_id(bytes.fromhex(vector["key"])) == vector["paserk"]


@pytest.mark.parametrize("vector", [test for test in PASERK["k4.public"]["tests"] if not test["expect-fail"]])
def test_a_public_key_is_written_as_the_official_paserk(vector: dict[str, Any]) -> None:
    assert paseto.paserk(bytes.fromhex(vector["key"])) == vector["paserk"]


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=20))
def test_pyseto_and_this_reader_agree(payload: bytes, implicit: bytes) -> None:
    token = paseto.sign(KEY, "k1", payload, implicit=implicit)
    theirs = pyseto.Key.from_asymmetric_key_params(4, x=KEY.public.raw)
    read = pyseto.decode(theirs, token, implicit_assertion=implicit)
    assert (read.payload, read.footer) == (payload, b'{"kid":"k1"}')
    assert paseto.verify(KEY.public, token, implicit=implicit) == payload


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=20))
def test_a_token_is_byte_for_byte_what_pyseto_signs_by_itself(payload: bytes, implicit: bytes) -> None:
    theirs = pyseto.Key.from_asymmetric_key_params(4, d=KEY.seed)
    made = pyseto.encode(theirs, payload, b'{"kid":"k1"}', implicit_assertion=implicit).decode()
    assert paseto.sign(KEY, "k1", payload, implicit=implicit) == made


def test_the_good_token_of_the_vectors_gives_its_claims() -> None:
    keys = {VECTORS["kid"]: Ed25519SigningKey(unb64u(VECTORS["seed"])).public}
    claims = paseto.decode(keys, VECTORS["good"]["token"], implicit=b"", audience=VECTORS["audience"], now=NOW)
    assert claims == VECTORS["good"]["claims"]


@pytest.mark.parametrize("attack", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_a_refused_token_is_refused_for_its_reason(attack: dict[str, Any]) -> None:
    keys = {VECTORS["kid"]: Ed25519SigningKey(unb64u(VECTORS["seed"])).public}
    with pytest.raises(paseto.BadToken) as refusal:
        paseto.decode(keys, attack["token"], implicit=b"", audience=VECTORS["audience"], now=NOW)
    assert refusal.value.reason == attack["reason"]


@pytest.mark.parametrize("place", range(0, len(_token()), 7))
def test_no_character_of_a_token_can_be_changed(place: int) -> None:
    token = _token()
    other = "A" if token[place] != "A" else "B"
    with pytest.raises(paseto.BadToken):
        _read(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("last", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
def test_spare_bits_of_the_last_character_make_no_second_token(last: str) -> None:
    for padding in ("", "x", "xx"):
        token = _token(pad=padding)
        head, body, footer = token.rsplit(".", 2)
        if body[-1] != last:
            with pytest.raises(paseto.BadToken):
                _read(f"{head}.{body[:-1]}{last}.{footer}")


@pytest.mark.parametrize(
    "footer", [b"", b"{}", b'{"kid": "k"}', b'{"kid":"k","x":1}', b"k", b'{"kid":""}', b'{"kid":1}']
)
def test_a_footer_that_is_not_exactly_the_key_id_is_refused(footer: bytes) -> None:
    key = pyseto.Key.from_asymmetric_key_params(4, d=KEY.seed)
    token = pyseto.encode(key, dumps(CLAIMS), footer).decode()
    with pytest.raises(paseto.BadToken) as refusal:
        paseto.kid_of(token)
    assert refusal.value.reason == "malformed"


@pytest.mark.parametrize("kid", ["", 'k"', "k k", "å", "k\n", "x" * 129])
def test_a_key_id_that_would_need_escaping_is_not_signed(kid: str) -> None:
    with pytest.raises(ValueError, match="key id"):
        paseto.sign(KEY, kid, b"{}", implicit=b"")


def test_the_key_id_is_read_without_a_key() -> None:
    assert paseto.kid_of(_token()) == KID


def test_a_small_order_key_verifies_no_forgery() -> None:
    identity = bytes([1]) + bytes(31)
    with pytest.raises(BadKey):
        paseto.verify(identity, _token(), implicit=b"")


def test_a_proof_is_no_approval() -> None:
    with pytest.raises(paseto.BadToken):
        _read(_token(), implicit=paseto.APPROVAL)


def test_a_token_of_the_wanted_purpose_is_read() -> None:
    assert _read(_token(purpose="approval"), purpose="approval")["purpose"] == "approval"


@pytest.mark.parametrize("purpose", [None, "proof", ["approval"], ""])
def test_a_token_of_another_purpose_is_refused(purpose: object) -> None:
    with pytest.raises(paseto.BadToken) as refusal:
        _read(_token(purpose=purpose), purpose="approval")
    assert refusal.value.reason == "purpose"


def test_another_issuer_is_refused() -> None:
    assert _read(_token(iss="a"), issuer="a")
    with pytest.raises(paseto.BadToken) as refusal:
        _read(_token(iss="a"), issuer="b")
    assert refusal.value.reason == "issuer"


def test_a_reporter_reads_a_token_for_any_audience() -> None:
    assert _read(_token(aud="whoever"), audience=None)["aud"] == "whoever"


def test_a_token_is_good_until_the_millisecond_before_its_end() -> None:
    end = to_milliseconds("2026-11-21T01:46:00.000Z")
    assert _read(_token(), now=end - 1)
    with pytest.raises(paseto.BadToken):
        _read(_token(), now=end)


def test_leeway_is_given_on_both_ends() -> None:
    assert _read(_token(exp=VECTORS["now"]), leeway=1)
    assert _read(_token(iat="2026-11-21T01:42:00.001Z"), leeway=1)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"{", b'{"kid":"a","kid":"a"}', b"\xff"])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(paseto.BadToken) as refusal:
        _read(paseto.sign(KEY, KID, payload, implicit=b""))
    assert refusal.value.reason == "malformed"


def test_a_token_too_long_to_be_one_is_refused_unread() -> None:
    with pytest.raises(paseto.BadToken):
        paseto.kid_of(_token(pad="x" * paseto.MAX_LENGTH))


def test_an_unverified_payload_is_what_the_token_says_and_of_no_other_text() -> None:
    seed = bytes(range(32))
    kid = paseto.key_id(Ed25519SigningKey(seed).public)
    assert paseto.unverified(paseto.sign(seed, kid, b"{}", implicit=b"")) == b"{}"
    with pytest.raises(paseto.BadToken):
        paseto.unverified("v4.public.x")
