"""RFC 9421 signatures of requests, in the hub's profile."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict

from approvals_hub_client.canonical import unb64u
from approvals_hub_client.keys import Ed25519Key, Ed25519SigningKey, Es256SigningKey
from approvals_hub_client.request_signature import (
    BadRequestSignature,
    base,
    check_window,
    content_digest,
    parse,
    sign,
    signature_base,
    verify,
)

FOLDER = Path(__file__).parents[2] / "vectors"
RFC: dict[str, Any] = json.loads((FOLDER / "rfc9421" / "b.2.6.json").read_text())
OURS: dict[str, Any] = json.loads((FOLDER / "approvals_hub" / "request_signature.json").read_text(encoding="utf-8"))
KEY, NOW = Ed25519SigningKey(bytes(range(32))), 1_795_225_228
URI, BODY = "https://hub.example.com/v1/escalations", b'{"action":{}}'
HEADERS = {"Content-Type": "application/json", "Idempotency-Key": "k-1"}


def _signed(body: bytes = BODY, headers: dict[str, str] = HEADERS, **options: Any) -> CIMultiDict[str]:
    added = sign(KEY, "key_1", "POST", URI, headers=headers, body=body, created=NOW, nonce="n" * 22, **options)
    return CIMultiDict({**headers, **added, "Host": "attacker.example", "Accept": "*/*"})


def _reason(headers: Any, method: str = "POST", uri: str = URI, body: bytes = BODY) -> str:
    with pytest.raises(BadRequestSignature) as refusal:
        verify(KEY.public, parse(headers), method, uri, body)
    return refusal.value.reason


def _with(name: str, old: str, new: str) -> CIMultiDict[str]:
    headers = _signed()
    assert old in headers[name]
    headers[name] = headers[name].replace(old, new)
    return headers


def test_the_signature_base_of_the_rfc_comes_out() -> None:
    request = RFC["request"]
    values = {"@method": request["method"], "@path": "/foo", "@authority": request["authority"], **request["headers"]}
    parameters = RFC["signature_input"].removeprefix("sig-b26=")
    components = ["date", "@method", "@path", "@authority", "content-type", "content-length"]
    assert signature_base(components, values, parameters).decode() == RFC["signature_base"]


def test_the_signature_of_the_rfc_comes_out_and_verifies() -> None:
    key = Ed25519SigningKey(b64decode(RFC["private_key_pkcs8_b64"])[-32:])
    assert key.public == Ed25519Key(b64decode(RFC["public_key_spki_b64"])[-32:])
    signature = key.sign(RFC["signature_base"].encode())
    assert signature == b64decode(RFC["signature_b64"])
    key.public.verify(RFC["signature_base"].encode(), signature)


def test_the_digest_of_rfc_9530_comes_out() -> None:
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_profile_s_own_vector_verifies() -> None:
    given = parse(CIMultiDict(OURS["headers"]))
    assert base(given, OURS["method"], OURS["target_uri"]).decode() == OURS["signature_base"]
    verify(Ed25519Key(unb64u(OURS["public_key"])), given, OURS["method"], OURS["target_uri"], OURS["body"].encode())


def test_a_signed_request_verifies() -> None:
    given = parse(_signed())
    verify(KEY.public, given, "POST", URI, BODY)
    assert (given.keyid, given.created, given.expires) == ("key_1", NOW, NOW + 60)


def test_a_request_without_body_verifies() -> None:
    headers = _signed(b"", {"If-None-Match": '"3"'})
    assert "Content-Digest" not in headers
    verify(KEY.public, parse(headers), "POST", URI, b"")


def test_components_may_stand_in_any_order() -> None:
    components = ("content-type", "@target-uri", "idempotency-key", "content-digest", "@method")
    listed = " ".join(f'"{name}"' for name in components)
    parameters = f'({listed});nonce="n";created={NOW};tag="approvals-hub";keyid="key_1";expires={NOW + 5};alg="ed25519"'
    values = {"content-type": "a/b", "idempotency-key": "k", "content-digest": content_digest(BODY)}
    text = signature_base(components, {**values, "@method": "POST", "@target-uri": URI}, parameters)
    signature = b64encode(KEY.sign(text)).decode()
    headers = {**values, "signature-input": f"sig1={parameters}", "signature": f"sig1=:{signature}:"}
    verify(KEY.public, parse(headers), "POST", URI, BODY)


def test_two_signatures_of_one_request_have_two_nonces() -> None:
    made = [sign(KEY, "key_1", "GET", URI, headers={}, body=b"", created=NOW)["Signature-Input"] for _ in range(2)]
    assert made[0] != made[1]


def test_another_method_is_refused() -> None:
    assert _reason(_signed(), method="DELETE") == "bad_signature"


@pytest.mark.parametrize("uri", [URI + "?x=1", URI + "/", "http" + URI[5:], "https://other.example.com/v1/escalations"])
def test_another_address_is_refused(uri: str) -> None:
    assert _reason(_signed(), uri=uri) == "bad_signature"


def test_another_body_is_refused() -> None:
    assert _reason(_signed(), body=BODY + b" ") == "digest"


def test_another_body_with_its_own_digest_is_refused() -> None:
    headers = _signed()
    headers["Content-Digest"] = content_digest(b"{}")
    assert _reason(headers, body=b"{}") == "bad_signature"


def test_a_body_whose_digest_was_taken_away_is_refused() -> None:
    assert _reason(_signed(b""), body=BODY) == "digest"


@pytest.mark.parametrize("name", ["Content-Type", "Idempotency-Key"])
def test_another_covered_header_is_refused(name: str) -> None:
    headers = _signed()
    headers[name] = "other"
    assert _reason(headers) == "bad_signature"


@pytest.mark.parametrize("name", ["Content-Type", "Idempotency-Key", "Content-Digest"])
def test_a_covered_header_taken_away_is_refused(name: str) -> None:
    headers = _signed()
    del headers[name]
    assert _reason(headers) == "not_covered"


def test_a_header_added_after_signing_is_refused() -> None:
    headers = _signed()
    headers["If-None-Match"] = '"7"'
    assert _reason(headers) == "not_covered"


@pytest.mark.parametrize("name", ["Idempotency-Key", "Signature", "Signature-Input", "Content-Digest"])
def test_a_second_header_of_one_name_is_refused(name: str) -> None:
    headers = _signed()
    headers.add(name.lower(), headers[name])
    assert _reason(headers) == "malformed"


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
def test_a_request_without_signature_is_told_so(name: str) -> None:
    headers = _signed()
    del headers[name]
    assert _reason(headers) == "missing"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@method" ', ""),
        ('"@method"', '"@path"'),
        ('"content-digest" ', ""),
        ('"@method" ', '"@method" "@method" '),
        ('"@method" ', '"@method" "host" '),
    ],
)
def test_a_signature_that_covers_less_or_more_is_refused(old: str, new: str) -> None:
    assert _reason(_with("Signature-Input", old, new)) == "not_covered"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sig1=", "sig2="),
        ("sig1=(", "sig1=( "),
        ('"@method"', '"@method";req'),
        ('"@method"', "@method"),
        (";created", "; created"),
        (f"created={NOW}", f"created={NOW}.0"),
        (f"created={NOW}", f'created="{NOW}"'),
        (f"created={NOW}", f"created=-{NOW}"),
        (f";created={NOW}", ""),
        (f";expires={NOW + 60}", ""),
        (f';nonce="{"n" * 22}"', ""),
        (';keyid="key_1"', ""),
        (';tag="approvals-hub"', ""),
        ('tag="approvals-hub"', 'tag="other"'),
        (';keyid="key_1"', ';keyid="key_1";keyid="key_2"'),
        (';keyid="key_1"', ';keyid=""'),
        (';keyid="key_1"', ';keyid="k\\"ey"'),
        (';keyid="key_1"', ";keyid=:a2V5:"),
        ('tag="approvals-hub"', 'tag="approvals-hub";alg="hmac-sha256"'),
        ('tag="approvals-hub"', 'tag="approvals-hub";alg="ecdsa-p256-sha256"'),
        ('tag="approvals-hub"', 'tag="approvals-hub";context="x"'),
        ('tag="approvals-hub"', 'tag="approvals-hub", sig2=("@method")'),
    ],
)
def test_a_signature_input_in_another_form_is_refused(old: str, new: str) -> None:
    assert _reason(_with("Signature-Input", old, new)) == "malformed"


@pytest.mark.parametrize(
    ("old", "new"), [("sig1=:", "sig2=:"), ("==:", ":"), ("==:", "==:, sig2=:AAAA:"), ("sig1=:", "sig1="), (":", "")]
)
def test_a_signature_in_another_form_is_refused(old: str, new: str) -> None:
    assert _reason(_with("Signature", old, new)) == "malformed"


def test_spare_bits_of_a_signature_are_refused() -> None:
    headers = _signed()
    last = headers["Signature"][-4]
    headers["Signature"] = headers["Signature"][:-4] + chr(ord(last) + 1) + "==:"
    assert _reason(headers) == "malformed"


@pytest.mark.parametrize(
    ("old", "new"),
    [(f"created={NOW}", f"created={NOW + 1}"), (f"expires={NOW + 60}", f"expires={NOW + 61}"), ("key_1", "key_2")],
)
def test_a_changed_parameter_is_refused(old: str, new: str) -> None:
    assert _reason(_with("Signature-Input", old, new)) == "bad_signature"


def test_a_line_break_in_a_covered_value_cannot_forge_a_line() -> None:
    headers = _signed()
    headers["Content-Type"] = 'application/json\n"idempotency-key": other'
    assert _reason(headers) == "malformed"


@pytest.mark.parametrize("late", [0, 59, -120])
def test_a_fresh_signature_is_in_its_window(late: int) -> None:
    check_window(parse(_signed()), NOW + late)


@pytest.mark.parametrize("late", [60, 121, -121])
def test_a_signature_outside_its_window_is_refused(late: int) -> None:
    with pytest.raises(BadRequestSignature) as refusal:
        check_window(parse(_signed()), NOW + late)
    assert refusal.value.reason == "too_old_or_new"


def test_a_signature_past_the_window_is_refused_however_long_it_claims_to_live() -> None:
    with pytest.raises(BadRequestSignature):
        check_window(parse(_signed(lifetime=200)), NOW + 121)


@pytest.mark.parametrize("lifetime", [0, -1, 241, 86_400])
def test_a_lifetime_that_is_none_or_too_long_is_refused(lifetime: int) -> None:
    with pytest.raises(BadRequestSignature):
        check_window(
            parse(_with("Signature-Input", f"expires={NOW + 60}", f"expires={max(NOW + lifetime, 0)}")), NOW - 2
        )


def test_a_key_of_another_algorithm_verifies_no_request() -> None:
    other = Es256SigningKey()
    with pytest.raises(BadRequestSignature):
        verify(other.public, parse(_signed()), "POST", URI, BODY)
    with pytest.raises(ValueError, match="Ed25519"):
        sign(other, "key_1", "GET", URI, headers={}, body=b"", created=NOW)
