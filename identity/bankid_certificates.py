"""Whose certificate signed: the chain to BankID's own root, and the personal number inside it (RFC 5280, section 6.1).

The certificates come in order with the signature, so there is no path to search for: each must have been issued by the
next, and the last by a pinned root. Whether the person's certificate was revoked, OCSP says (`bankid_ocsp`); BankID
publishes nothing of that kind for the banks' own certificates in between. `cryptography.x509.verification` is made for
web servers and holds people's certificates to rules that they were never issued under.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from identity.bankid_xmldsig import bad

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SMALLEST_RSA = 2048
"""Bits of the shortest RSA key that counts."""
WEAK_HASHES = ("md5", "sha1")
PERSONAL_NUMBER = re.compile(r"(19|20)[0-9]{10}")
"""Twelve digits: year, month, day, number and check digit, as BankID writes it."""


def read_roots(pem: bytes) -> tuple[Certificate, ...]:
    """The root certificates of a PEM file. Raises ValueError where there is none, or one cannot be read."""
    from cryptography.x509 import load_pem_x509_certificates

    return tuple(load_pem_x509_certificates(pem))


def verify_chain(certificates: Sequence[Certificate], roots: Sequence[Certificate], *, now: int) -> Certificate:
    """The certificate that issued the first one, after every link up to a root was verified. Raises Refused.

    `now` is in milliseconds since 1970 UTC.
    """
    at = datetime.fromtimestamp(now / 1000, UTC)
    chain = list(certificates)
    if not any(chain[-1] == root for root in roots):
        chain.append(_root_of(chain[-1], roots))
    if len(chain) < 2:
        raise bad("a root itself signed")
    for depth, certificate in enumerate(chain):
        _require_valid(certificate, at)
        if depth == 0:
            _require_person(certificate)
        else:
            _require_authority(certificate, below=depth - 1)
            _require_issued(chain[depth - 1], certificate)
    return chain[1]


def personal_number(certificate: Certificate) -> str:
    """The personal number that a person's certificate names. Raises Refused."""
    from cryptography.x509.oid import NameOID

    found = [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    if len(found) != 1 or not PERSONAL_NUMBER.fullmatch(found[0]):
        raise bad("the certificate names no personal number")
    return found[0]


def policies(certificate: Certificate) -> tuple[str, ...]:
    """The policies a certificate was issued under (what kind of BankID it is), dotted."""
    from cryptography.x509 import CertificatePolicies

    found = _extension(certificate, CertificatePolicies)
    return () if found is None else tuple(each.policy_identifier.dotted_string for each in found)


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether `issuer` signed `certificate`, with a hash that still counts."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
        digest = certificate.signature_hash_algorithm
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return digest is not None and digest.name not in WEAK_HASHES


def is_valid_at(certificate: Certificate, at: datetime) -> bool:
    """Whether a time lies in a certificate's own."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _root_of(certificate: Certificate, roots: Sequence[Certificate]) -> Certificate:
    for root in roots:
        if is_issued_by(certificate, root):
            return root
    raise bad("its certificates do not lead to BankID's root")


def _require_issued(certificate: Certificate, issuer: Certificate) -> None:
    if not is_issued_by(certificate, issuer):
        raise bad("a certificate was not issued by the next one")


def _require_valid(certificate: Certificate, at: datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if not is_valid_at(certificate, at):
        raise bad("a certificate is not valid at this time")
    key = certificate.public_key()
    strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA
    if not strong and not isinstance(key, ec.EllipticCurvePublicKey):
        raise bad("a certificate's key is too weak")
    known = (x509.BasicConstraints, x509.KeyUsage, x509.CertificatePolicies, x509.ExtendedKeyUsage)
    if any(each.critical and not isinstance(each.value, known) for each in _extensions(certificate)):
        # RFC 5280, section 4.2: who does not understand a critical extension may not use the certificate.
        raise bad("a certificate has conditions that are not understood")


def _require_person(certificate: Certificate) -> None:
    from cryptography import x509

    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise bad("an authority's certificate signed")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise bad("the certificate is not for signing")


def _require_authority(certificate: Certificate, *, below: int) -> None:
    """It may issue certificates, with `below` other authorities between it and the person."""
    from cryptography import x509

    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise bad("a certificate in the chain may not issue any")
    if constraints.path_length is not None and constraints.path_length < below:
        raise bad("the chain is longer than an authority allows")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise bad("a certificate in the chain may not issue any")


def _extension(certificate: Certificate, kind: Any) -> Any:
    """The value of an extension, or None."""
    return next((each.value for each in _extensions(certificate) if isinstance(each.value, kind)), None)


def _extensions(certificate: Certificate) -> list[Any]:
    try:
        return list(certificate.extensions)
    except ValueError as error:
        # Duplicates and malformed ones: cryptography reads extensions when they are first asked for.
        raise bad("a certificate's extensions cannot be read") from error
