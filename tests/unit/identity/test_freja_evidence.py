"""Whether a result of Freja proves what was asked, with the attacks on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from identity.errors import Misconfigured, NotProven, OtherIntent, Refused, TooWeak
from identity.freja_evidence import Asked, Signed, verified
from identity.jws import b64, b64u, sign
from tests.fakes.freja import freja_certificate, thumbprint
from tests.fakes.mutual_tls import rsa_key
from tests.fakes.openid_keys import confused, unsigned

NOW = 1_789_000_000_000
CERTIFICATE = freja_certificate()
ASKED = Asked("a-reference", "Betala 85 kr till Åsa", b"sha256:abc", "PLUS", "ssn", NOW - 30_000, NOW)
WORDS = {"text": b64(ASKED.text.encode()), "binaryData": b64(ASKED.hidden)}
RESULT: dict[str, Any] = {
    "signRef": "a-reference",
    "status": "APPROVED",
    "timestamp": NOW - 1_000,
    "signatureType": "EXTENDED",
    "requestedAttributes": {"ssn": {"country": "SE", "ssn": "199001011239"}, "registrationLevel": "PLUS"},
}


def signature_of(words: Any) -> str:
    return sign({"kid": "phone"}, words, rsa_key("a phone"), alg="RS256")


def result_of(**changes: Any) -> dict[str, Any]:
    """A result with these members changed; `...` takes one away."""
    data = {"userSignature": signature_of(WORDS), "certificateStatus": "AA=="}
    found = {**RESULT, "signatureData": data, **changes}
    return {name: value for name, value in found.items() if value is not ...}


def details_of(header: dict[str, Any] | None = None, key: str = "freja", alg: str = "RS256", **changes: Any) -> str:
    own = {"x5t": thumbprint(CERTIFICATE)} if header is None else header
    return sign(own, result_of(**changes), rsa_key(key), alg=alg)


def read(details: str, asked: Asked = ASKED, certificates: Any = (CERTIFICATE,)) -> Signed:
    return verified(details, asked, certificates)


def test_a_result_tells_who_signed_and_when() -> None:
    found = read(details_of())
    assert (found.subject, found.level, found.at) == ("SE199001011239", "PLUS", NOW - 1_000)
    assert load_der_x509_certificate(found.certificate) == CERTIFICATE


@pytest.mark.parametrize("signed", [b64, b64u, lambda octets: b64(octets).rstrip("=")])
def test_words_and_hash_may_be_in_any_base64(signed: Any) -> None:
    words = {"text": signed(ASKED.text.encode()), "binaryData": signed(ASKED.hidden)}
    assert read(details_of(signatureData={"userSignature": signature_of(words)}))


@pytest.mark.parametrize(
    "words",
    [
        {**WORDS, "text": b64(b"Betala 9000 kr till Eve")},
        {**WORDS, "binaryData": b64(b"sha256:other")},
        {**WORDS, "text": b64(ASKED.text.encode() + b" ")},
        {**WORDS, "text": WORDS["binaryData"], "binaryData": WORDS["text"]},
        {"text": WORDS["text"]},
        {"binaryData": WORDS["binaryData"]},
        {},
        {**WORDS, "text": None},
        {**WORDS, "text": 7},
        {**WORDS, "text": "not base64!"},
        {**WORDS, "text": "å"},
    ],
)
def test_other_words_or_another_hash_are_another_intent(words: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        read(details_of(signatureData={"userSignature": signature_of(words)}))


@pytest.mark.parametrize(
    "changes",
    [
        {"signRef": "another"},
        {"signRef": ...},
        {"status": "REJECTED"},
        {"status": ...},
        {"signatureType": "SIMPLE"},
        {"signatureType": ...},
        {"timestamp": NOW - 30_000 - 60_001},
    ],
)
def test_a_result_of_another_signature_spliced_in_is_another_intent(changes: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        read(details_of(**changes))


@pytest.mark.parametrize("at", [..., None, True, "1789000000000", 0, -1, 1.5, 1 << 60, NOW + 60_001])
def test_a_result_without_a_time_or_from_the_future_is_refused(at: Any) -> None:
    with pytest.raises(Refused):
        read(details_of(timestamp=at))


@pytest.mark.parametrize("at", [NOW - 90_000, NOW + 60_000])
def test_clocks_may_differ_by_a_minute(at: int) -> None:
    assert read(details_of(timestamp=at)).at == at


def test_a_result_by_another_key_is_refused() -> None:
    with pytest.raises(Refused, match="verify"):
        read(details_of(key="attacker"))


def test_a_result_whose_words_were_changed_afterwards_is_refused() -> None:
    header, _, signature = details_of().split(".")
    forged = b64u(json.dumps(result_of(signRef="a-reference", userInfo="more")).encode())
    with pytest.raises(Refused, match="verify"):
        read(f"{header}.{forged}.{signature}")


def test_a_result_that_brings_its_own_certificate_is_refused() -> None:
    attacker = freja_certificate("attacker")
    for header in ({"x5t": thumbprint(CERTIFICATE), "x5c": [b64(b"x")]}, {"x5c": [b64(b"x")], "jwk": {"kty": "RSA"}}):
        with pytest.raises(Refused, match="verify"):
            read(details_of(header, key="attacker"))
    with pytest.raises(Misconfigured, match="jws_certificates"):
        read(details_of({"x5t": thumbprint(attacker)}, key="attacker"))


def test_a_certificate_that_is_not_in_the_settings_is_told_to_the_operator() -> None:
    with pytest.raises(Misconfigured, match="fetch its new one"):
        read(details_of(), certificates=(freja_certificate("freja's next"),))


def test_two_certificates_count_while_freja_changes_them() -> None:
    later = freja_certificate("freja's next")
    both = (CERTIFICATE, later)
    assert (
        read(details_of(), certificates=both).certificate
        != read(details_of({"x5t": thumbprint(later)}, key="freja's next"), certificates=both).certificate
    )


def test_a_result_that_names_no_certificate_is_verified_with_those_of_the_settings() -> None:
    assert read(details_of({}))
    with pytest.raises(Refused):
        read(details_of({}, key="attacker"))


@pytest.mark.parametrize("header", [{"x5t": None}, {"x5t": 7}, {"x5t": "AA"}, {"x5t#S256": "AA"}])
def test_a_name_of_a_certificate_that_fits_none_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        read(details_of(header))


def test_algorithm_confusion_with_the_certificate_as_a_secret_is_refused() -> None:
    for secret in (CERTIFICATE.public_bytes(Encoding.PEM), CERTIFICATE.public_bytes(Encoding.DER)):
        with pytest.raises(Refused, match="verify"):
            read(confused(result_of(), secret, x5t=thumbprint(CERTIFICATE)))


def test_a_result_with_alg_none_is_refused() -> None:
    with pytest.raises(Refused, match="verify"):
        read(unsigned(result_of(), x5t=thumbprint(CERTIFICATE)))


def test_frejas_own_key_with_another_algorithm_is_refused() -> None:
    with pytest.raises(Refused, match="verify"):
        read(details_of(alg="PS256"))


@pytest.mark.parametrize("days", [(-20, -10), (10_000, 20_000)])
def test_a_certificate_that_was_not_valid_when_the_person_signed_is_refused(days: tuple[int, int]) -> None:
    other = freja_certificate(days=days)
    now = CERTIFICATE.not_valid_after_utc.timestamp() * 1000 - 3650 * 86_400_000
    asked = replace(ASKED, now=int(now), began_at=int(now) - 1_000)
    with pytest.raises(Refused, match="not valid"):
        read(details_of({"x5t": thumbprint(other)}, timestamp=int(now)), asked, (other,))


@pytest.mark.parametrize(
    "attributes",
    [
        ...,
        None,
        [],
        {},
        {"ssn": None},
        {"ssn": {}},
        {"ssn": {"country": "SE"}},
        {"ssn": {"ssn": "199001011239"}},
        {"ssn": {"country": "SWE", "ssn": "199001011239"}},
        {"ssn": {"country": "SE", "ssn": ""}},
        {"ssn": {"country": "SE", "ssn": "1\n2"}},
        {"ssn": "not json"},
        {"ssn": "x" * 2000},
        {"relyingPartyUserId": "anna"},
    ],
)
def test_a_result_that_names_nobody_is_too_weak(attributes: Any) -> None:
    told = {**attributes, "registrationLevel": "PLUS"} if isinstance(attributes, dict) else attributes
    with pytest.raises(TooWeak, match="who signed"):
        read(details_of(requestedAttributes=told))


def test_a_person_may_be_told_as_json_in_a_text() -> None:
    attributes = {"ssn": json.dumps({"country": "NO", "ssn": "01019012345"}), "registrationLevel": "PLUS"}
    assert read(details_of(requestedAttributes=attributes)).subject == "NO01019012345"


def test_a_person_may_be_known_by_frejas_own_name_for_them() -> None:
    attributes = {"relyingPartyUserId": "anna-for-this-hub", "registrationLevel": "PLUS"}
    found = read(details_of(requestedAttributes=attributes), replace(ASKED, known_by="relying_party_user_id"))
    assert found.subject == "anna-for-this-hub"


@pytest.mark.parametrize(
    ("asked", "told", "good"),
    [
        ("PLUS", "PLUS", True),
        ("EXTENDED", "PLUS", True),
        ("EXTENDED", "EXTENDED", True),
        ("PLUS", "EXTENDED", False),
        ("EXTENDED", "BASIC", False),
        ("PLUS", "plus", False),
        ("PLUS", None, False),
    ],
)
def test_a_lower_registration_level_is_too_weak(asked: str, told: Any, good: bool) -> None:
    details = details_of(requestedAttributes={**RESULT["requestedAttributes"], "registrationLevel": told})
    if good:
        assert read(details, replace(ASKED, level=asked)).level == told
        return
    with pytest.raises(TooWeak):
        read(details, replace(ASKED, level=asked))


@pytest.mark.parametrize(
    "data", [..., None, {}, {"userSignature": 7}, {"userSignature": "a.b"}, {"userSignature": "a.b.c"}]
)
def test_a_result_without_a_persons_signature_is_refused(data: Any) -> None:
    with pytest.raises(Refused, match="verify"):
        read(details_of(signatureData=data))


@pytest.mark.parametrize("details", ["", "a.b.c", "a.b", "x" * 600_000, "e30.e30.AA", "bnVsbA.bnVsbA.AA"])
def test_what_is_no_result_is_refused_without_quoting_it(details: str) -> None:
    with pytest.raises(NotProven) as refusal:
        read(details)
    assert not details or details not in str(refusal.value)
