"""Whether a completed order proves what was asked: the signature, whose it is, what it is over, and that it was good.

BankID's answer comes over a connection that only BankID can have. What is verified here does not rest on that: it holds
for anybody who is handed the evidence later, and it is what ties the words and the hash to the person.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.bankid_certificates import personal_number, policies, verify_chain
from identity.bankid_ocsp import verify as verify_ocsp
from identity.bankid_xmldsig import Signed, bad
from identity.bankid_xmldsig import verify as verify_signature
from identity.errors import OtherIntent, TooWeak, WrongPerson

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST_SIGNATURE = 512 * 1024
LARGEST_OCSP = 64 * 1024
FUNCTIONS = {"sign": "Signing", "auth": "Identification"}
"""What the app writes into the signed data, by the kind of the order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a signature must be over, as the order was begun."""

    kind: str
    """`sign` or `auth`."""
    visible: str | None
    """Base64, as it was sent."""
    hidden: str
    """Base64, as it was sent."""
    policies: tuple[str, ...] = ()
    """The certificate policies that were asked for; empty: any. One may end in `.*`."""
    not_before: int = 0
    """When the order began, milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verified signature, as bytes that anybody can verify again."""

    personal_number: str
    """As the person's certificate says."""
    signature: bytes
    """The XML."""
    ocsp: bytes
    """The OCSP response, DER."""


def verify(signature: str, ocsp: str, asked: Asked, *, roots: Sequence[Certificate], now: int) -> Evidence:
    """Verify a completed order's `signature` and `ocspResponse` (base64).

    Raises Refused, OtherIntent where it is over something else, TooWeak where the BankID is of another kind.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    document = _octets(signature, LARGEST_SIGNATURE)
    response = _octets(ocsp, LARGEST_OCSP)
    signed = verify_signature(document)
    try:
        issuer = verify_chain(signed.certificates, roots, now=now)
        person = signed.certificates[0]
        verify_ocsp(
            response,
            signature=signature,
            certificate=person,
            issuer=issuer,
            not_before=asked.not_before,
            now=now,
        )
        number = personal_number(person)
        issued_under = policies(person)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # cryptography reads names, keys and extensions when they are first asked for; hostile ones raise these.
        raise bad("a certificate cannot be read") from error
    _require_asked(signed, asked)
    if asked.policies and not any(_covers(wanted, had) for wanted in asked.policies for had in issued_under):
        raise TooWeak("the person used another kind of BankID than was asked for")
    return Evidence(number, document, response)


def require_same_person(evidence: Evidence, told: str) -> None:
    """The number that BankID told is the certificate's own. Raises WrongPerson."""
    if not hmac.compare_digest(evidence.personal_number.encode(), told.encode()):
        raise WrongPerson("BankID named another person than the certificate that signed")


def _require_asked(signed: Signed, asked: Asked) -> None:
    if signed.purpose != FUNCTIONS[asked.kind]:
        raise OtherIntent("an identification is no signature, nor the other way round")
    if not _same(signed.visible, asked.visible):
        raise OtherIntent("the person signed other words than were sent")
    if not _same(signed.hidden, asked.hidden):
        raise OtherIntent("the person signed another hash than was sent")


def _same(signed: str | None, sent: str | None) -> bool:
    if signed is None or sent is None:
        return signed is sent
    return hmac.compare_digest(signed.encode(), sent.encode())


def _covers(wanted: str, had: str) -> bool:
    return had == wanted or (wanted.endswith(".*") and had.startswith(wanted[:-1]))


def _octets(text: str, most: int) -> bytes:
    """Base64 in its one canonical text: an auditor makes the OCSP nonce anew from the bytes that are kept."""
    if len(text) > most * 4 // 3 + 4:
        raise bad("it is too large")
    try:
        octets = b64decode(text.encode(), validate=True)
    except ValueError as error:
        raise bad("it is not base64") from error
    if b64encode(octets).decode() != text:
        raise bad("it is not canonical base64")
    return octets
