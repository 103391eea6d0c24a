"""What BankID's validation authority says of a person's certificate at the signing (OCSP, RFC 6960).

BankID asks for it itself, at the moment of the signature, and its nonce ties it to this very signature: the SHA-1 hash
of the base64 XML signature, then 12 random bytes (RP API, `collect`: completionData.ocspResponse).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from identity.bankid_certificates import is_issued_by, is_valid_at
from identity.bankid_xmldsig import bad

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from cryptography.x509.ocsp import OCSPResponse, OCSPSingleResponse

SKEW = 5 * 60 * 1000
"""Milliseconds that the clocks of BankID and of this machine may differ."""
NONCE_LENGTH = 32
RESPONDERS = 4
"""How many certificates of responders are looked at, at most."""


def verify(
    response: bytes, *, signature: str, certificate: Certificate, issuer: Certificate, not_before: int, now: int
) -> None:
    """The certificate was good when this signature was made. Raises Refused.

    `signature` is the XML signature in base64, as it came. The response must have been made between `not_before` and
    `now` (milliseconds since 1970 UTC), give or take `SKEW`: an older one was recorded for something else.
    """
    from cryptography.x509 import ocsp

    try:
        found = ocsp.load_der_ocsp_response(response)
        if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise bad("the validation authority did not answer")
        singles = list(found.responses)
        if len(singles) != 1:
            raise bad("the validation authority speaks of several certificates, or of none")
        _require_nonce(found, signature)
        _require_about(singles[0], certificate, issuer)
        _require_signed(found, issuer)
        _require_time(found, singles[0], not_before, now)
        if singles[0].certificate_status is not ocsp.OCSPCertStatus.GOOD:
            raise bad("the certificate is revoked, or unknown")
    except (ValueError, TypeError) as error:
        # cryptography reads most parts when they are first asked for; hostile bytes raise these.
        raise bad("the OCSP response cannot be read") from error


def _require_nonce(response: OCSPResponse, signature: str) -> None:
    from cryptography.x509 import OCSPNonce

    nonces = [each.value.nonce for each in response.extensions if isinstance(each.value, OCSPNonce)]
    # SHA-1 is what BankID writes there. A second preimage is what an attacker would need, and nobody can make one.
    expected = hashlib.sha1(signature.encode(), usedforsecurity=False).digest()
    if len(nonces) != 1 or len(nonces[0]) != NONCE_LENGTH or not hmac.compare_digest(nonces[0][:20], expected):
        raise bad("the OCSP response was made for another signature")


def _require_about(single: OCSPSingleResponse, certificate: Certificate, issuer: Certificate) -> None:
    from cryptography.x509 import ocsp

    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, single.hash_algorithm).build()
    same = (
        single.serial_number == asked.serial_number
        and hmac.compare_digest(single.issuer_name_hash, asked.issuer_name_hash)
        and hmac.compare_digest(single.issuer_key_hash, asked.issuer_key_hash)
    )
    if not same:
        raise bad("the OCSP response is about another certificate")


def _require_signed(response: OCSPResponse, issuer: Certificate) -> None:
    """By the issuer of the person's certificate, or by whom this very issuer made a responder (section 4.2.2.2)."""
    for candidate in (issuer, *_delegates(response, issuer)):
        if _is_signed_by(response, candidate):
            return
    raise bad("the OCSP response is not the issuer's")


def _delegates(response: OCSPResponse, issuer: Certificate) -> list[Certificate]:
    from cryptography.x509 import ExtendedKeyUsage
    from cryptography.x509.oid import ExtendedKeyUsageOID

    found = []
    for certificate in response.certificates[:RESPONDERS]:
        usages = [each.value for each in certificate.extensions if isinstance(each.value, ExtendedKeyUsage)]
        may_respond = any(ExtendedKeyUsageOID.OCSP_SIGNING in usage for usage in usages)
        if may_respond and is_issued_by(certificate, issuer) and is_valid_at(certificate, response.produced_at_utc):
            found.append(certificate)
    return found


def _is_signed_by(response: OCSPResponse, certificate: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    key: Any = certificate.public_key()
    digest = response.signature_hash_algorithm
    if digest is None or digest.name in ("md5", "sha1"):
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _require_time(response: OCSPResponse, single: OCSPSingleResponse, not_before: int, now: int) -> None:
    earliest = datetime.fromtimestamp((not_before - SKEW) / 1000, UTC)
    latest = datetime.fromtimestamp((now + SKEW) / 1000, UTC)
    if not earliest <= response.produced_at_utc <= latest:
        raise bad("the OCSP response is of another time")
    ended = single.next_update_utc is not None and single.next_update_utc < earliest
    if ended or single.this_update_utc > latest:
        raise bad("the OCSP response is of another time")
