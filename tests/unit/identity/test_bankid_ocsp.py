"""The OCSP response that comes with a signature."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ExtendedKeyUsage, ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from identity.bankid_ocsp import SKEW, verify
from identity.errors import Refused
from tests.fakes.bankid_certificates import Holder, common_name, issue
from tests.fakes.bankid_scene import anna, authorities, bo, foreign_authorities
from tests.fakes.bankid_signature import Checking, check, der, successful

NOW = time.time_ns() // 1_000_000
BEGAN = NOW - 20_000
SIGNATURE = "PFNpZ25hdHVyZS8+"


def checked(**bent: Any) -> bytes:
    return check(authorities(), anna(), SIGNATURE, Checking(**{"at": NOW, **bent}))


def verify_response(response: bytes, **changes: Any) -> None:
    asked: dict[str, Any] = {
        "signature": SIGNATURE,
        "certificate": anna().bankid.certificate,
        "issuer": authorities().customers.certificate,
        "not_before": BEGAN,
        "now": NOW,
    }
    verify(response, **{**asked, **changes})


def test_a_good_certificate_passes() -> None:
    verify_response(checked())


def test_the_issuer_itself_may_respond() -> None:
    verify_response(checked(responder=authorities().customers))


@pytest.mark.parametrize("status", [ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN])
def test_a_certificate_that_is_not_good_is_refused(status: ocsp.OCSPCertStatus) -> None:
    with pytest.raises(Refused, match="revoked, or unknown"):
        verify_response(checked(status=status))


def test_a_response_for_another_signature_of_the_same_person_is_refused() -> None:
    with pytest.raises(Refused, match="another signature"):
        verify_response(checked(), signature=SIGNATURE + "AA==")


@pytest.mark.parametrize(
    "nonce", [b"\0" * 32, sha1(SIGNATURE.encode()).digest(), sha1(SIGNATURE.encode()).digest() * 2]
)
def test_a_nonce_that_was_not_made_of_the_signature_is_refused(nonce: bytes) -> None:
    with pytest.raises(Refused, match="another signature"):
        verify_response(checked(ocsp_nonce=nonce))


def test_a_response_about_somebody_elses_certificate_is_refused() -> None:
    with pytest.raises(Refused, match="another certificate"):
        verify_response(checked(about=bo()))


def test_a_response_of_a_foreign_responder_is_refused() -> None:
    with pytest.raises(Refused, match="not the issuer's"):
        verify_response(checked(responder=foreign_authorities().responder))


def test_a_person_of_the_same_issuer_cannot_respond() -> None:
    # A certificate of the right issuer, without the right to respond: else everybody could vouch for themselves.
    key = ec.generate_private_key(ec.SECP256R1())
    holder = Holder(key, issue(common_name("Somebody"), key, authorities().customers, []))
    with pytest.raises(Refused, match="not the issuer's"):
        verify_response(checked(responder=holder))


def test_a_responder_whose_time_is_over_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = issue(common_name("Old"), key, authorities().customers, [(usage, False)], until=yesterday)
    with pytest.raises(Refused, match="not the issuer's"):
        verify_response(checked(responder=Holder(key, certificate)))


def test_a_response_about_nobody_is_refused() -> None:
    responder_and_time = der(0xA2, der(0x04, bytes(20))) + der(0x18, b"20260101000000Z")
    tbs = der(0x30, responder_and_time + der(0x30, b""))
    ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    with pytest.raises(Refused, match="several certificates, or of none"):
        verify_response(successful(der(0x30, tbs + ecdsa_with_sha256 + der(0x03, b"\0\0"))))


@pytest.mark.parametrize(
    "at",
    [BEGAN - SKEW - 2000, NOW + SKEW + 2000],
    ids=["recorded-before-the-order", "of-a-time-to-come"],
)
def test_a_response_of_another_time_is_refused(at: int) -> None:
    with pytest.raises(Refused, match="another time"):
        verify_response(checked(at=at))


@pytest.mark.parametrize("at", [BEGAN - SKEW + 2000, NOW + SKEW - 2000], ids=["early", "late"])
def test_clocks_may_differ_by_five_minutes(at: int) -> None:
    verify_response(checked(at=at))


def test_a_response_that_was_changed_after_it_was_signed_is_refused() -> None:
    response = checked(status=ocsp.OCSPCertStatus.UNKNOWN)
    assert response.count(b"\x82\x00\x18\x0f") == 1
    with pytest.raises(Refused, match="not the issuer's"):
        verify_response(response.replace(b"\x82\x00\x18\x0f", b"\x80\x00\x18\x0f"))  # unknown becomes good


@pytest.mark.parametrize("response", [b"", b"ocsp", b"\x30\x03\x0a\x01\x00", b"\x30\x82\xff\xff"])
def test_bytes_that_are_no_response_are_refused(response: bytes) -> None:
    with pytest.raises(Refused):
        verify_response(response)


def test_an_authority_that_did_not_answer_proves_nothing() -> None:
    refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    with pytest.raises(Refused, match="did not answer"):
        verify_response(refused.public_bytes(serialization.Encoding.DER))
