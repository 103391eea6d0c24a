"""What the pretend app makes is read by the product's own checks."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.x509 import ocsp

from approvals_hub.cli.pretend_bankid.signature import Checking, Signing, b64, check, sign
from identity.bankid_xmldsig import verify
from identity.errors import Refused
from tests.fakes.bankid_scene import anna, authorities, bo

SIGNING = Signing(b64("Godkänn".encode()), b64(b"sha256:00"))
AT = 1_800_000_000_000


def test_a_signature_verifies_under_the_signers_own_certificate() -> None:
    assert verify(sign(anna(), SIGNING)).certificates[0] == anna().bankid.certificate


def test_a_document_bent_after_it_was_signed_does_not_verify() -> None:
    bent = Signing(SIGNING.visible, SIGNING.hidden, bend_document=lambda text: text.replace("bidSignedData", "x"))
    with pytest.raises(Refused):
        verify(sign(anna(), bent))


def test_a_response_says_that_the_persons_certificate_is_good_now() -> None:
    signature = b64encode(sign(anna(), SIGNING)).decode()
    response = ocsp.load_der_ocsp_response(check(authorities(), anna(), signature, Checking(AT)))
    assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert response.serial_number == anna().bankid.certificate.serial_number
    assert int(response.produced_at_utc.timestamp() * 1000) == AT


def test_a_response_can_be_about_somebody_else() -> None:
    response = ocsp.load_der_ocsp_response(check(authorities(), anna(), "", Checking(AT, about=bo())))
    assert response.serial_number == bo().bankid.certificate.serial_number
