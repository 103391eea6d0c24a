"""Five headers and five lines, against a vector that the clients of three languages hold (fixed key, fixed action)."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

from approvals_hub.agents.openleash_names import read_spki
from approvals_hub.agents.openleash_signature import Given, check_body, is_given, read, verifies
from approvals_hub.core.errors import HubError, Malformed, Unauthenticated
from approvals_hub_client.canonical import dumps, sha256_text

KEY = "MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik="
BODY = (
    b'{"action_id":"00000000-0000-0000-0000-000000000001","action_type":"purchase",'
    b'"requested_at":"2024-01-15T10:30:00.000Z","principal":{"agent_id":"test-agent"},'
    b'"subject":{"principal_id":"00000000-0000-0000-0000-000000000002"},'
    b'"relying_party":{"domain":"example.com","trust_profile":"LOW"},'
    b'"payload":{"amount_minor":5000,"currency":"USD","merchant_domain":"example.com"}}'
)
HEADERS = {
    "X-Agent-Id": "test-agent",
    "X-Timestamp": "2024-01-15T10:30:00.000Z",
    "X-Nonce": "00000000-0000-0000-0000-000000000099",
    "X-Body-Sha256": "a97d394c6e93281642c4474a76cccf45f3420890cd59a22ee92c44c37baa8f3a",
    "X-Signature": "HNHsMIwklM+UNzN4oYot/alSixP2Mw9HXAunmdftUfPJ3BYX/PFZcMvjh8u/aqWtCel5IxvmVmp5oq+xqLaFBw==",
}


def given(**instead: str) -> Given:
    return read(HEADERS | {name.replace("_", "-"): value for name, value in instead.items()})


def test_the_clients_vector_verifies_and_hashes_as_in_every_language() -> None:
    key = read_spki(KEY, "$")
    check_body(given(), BODY)
    assert verifies(key, given(), "POST", "/v1/authorize")
    action = json.loads(BODY)
    assert sha256_text(dumps(action)) == "sha256:5fed50d1afcf598480f64ca09edb042a8a09c6b33c8712e3faeeea2aa1d4297d"


@pytest.mark.parametrize(
    "instead",
    [
        {"X_Timestamp": "2024-01-15T10:30:00.001Z"},
        {"X_Timestamp": "2024-01-15T10:30:00Z"},
        {"X_Nonce": "00000000-0000-0000-0000-000000000098"},
        {"X_Body_Sha256": "0" * 64},
        {"X_Signature": "A" * 86 + "=="},
    ],
)
def test_every_line_of_it_is_signed(instead: dict[str, str]) -> None:
    assert not verifies(read_spki(KEY, "$"), given(**instead), "POST", "/v1/authorize")


def test_the_method_the_path_and_the_query_are_signed() -> None:
    key = read_spki(KEY, "$")
    for method, path in (("PUT", "/v1/authorize"), ("POST", "/v1/authorize?x"), ("POST", "/v1/authorizE")):
        assert not verifies(key, given(), method, path)


def test_the_lines_cannot_be_moved_against_each_other() -> None:
    with pytest.raises(Malformed):
        given(X_Nonce="a\nb")
    with pytest.raises(Malformed):
        given(X_Timestamp="2024-01-15T10:30:00.000Z\nx")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({name: value for name, value in HEADERS.items() if name != "X-Nonce"}, Unauthenticated),
        (HEADERS | {"x-nonce": "again"}, Malformed),
        (HEADERS | {"Idempotency-Key": "k"}, Malformed),
        (HEADERS | {"X-Signature": HEADERS["X-Signature"].replace("Bw==", "Bx==")}, Malformed),
        (HEADERS | {"X-Timestamp": "2024-02-30T10:30:00Z"}, Malformed),
        (HEADERS | {"X-Timestamp": "2024-01-15T10:30:00.000"}, Malformed),
        (HEADERS | {"X-Nonce": ""}, Malformed),
    ],
)
def test_what_is_not_exactly_of_this_form_is_refused(headers: dict[str, str], kind: type[HubError]) -> None:
    with pytest.raises(kind):
        read(headers)


def test_a_request_that_names_an_agent_or_a_signature_means_this_profile() -> None:
    assert [is_given({name: "x"}) for name in ("X-Signature", "X-Agent-Id", "X-Nonce")] == [True, True, False]
    assert not is_given({"X-Agent-Id": "x", "Authorization": "Bearer ahk_x"})
    assert is_given({"X-Signature": "x", "Authorization": "Bearer ahk_x"})


def test_without_a_body_the_hash_is_that_of_none_or_of_an_empty_object() -> None:
    none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for said in (none, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"):
        check_body(given(X_Body_Sha256=said), b"")
    for said, body in (("0" * 64, b""), (none, b"{}"), (none, b" ")):
        with pytest.raises(Unauthenticated):
            check_body(given(X_Body_Sha256=said), body)


def test_the_key_of_the_vector_is_the_one_of_the_seed_of_zeros() -> None:
    assert b64decode(KEY)[12:].hex() == "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
