"""Whether a result proves what was asked: Freja's signature, this reference, these words and this hash, and whose.

The result is a JWS by Freja (`RS256`; `x5t` says with which of its certificates). Inside is the person's own signature,
again a JWS, over the words and the hash. Its key is in no certificate that relying parties get: Freja verifies it and
vouches for that with the outer one. Both are kept.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any

from identity.errors import Misconfigured, OtherIntent, Refused, TooWeak
from identity.freja_settings import LEVELS
from identity.jws import BadJws, Jws, b64u, json_object, read, verify

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST_JWS = 512 * 1024
"""Characters."""
LATEST = 1 << 50
"""Milliseconds; later is no time."""
SKEW = 60_000
"""Milliseconds that Freja's clock may be wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a result must be about. Times are milliseconds since 1970 UTC."""

    reference: str
    text: str
    hidden: bytes
    level: str
    known_by: str
    began_at: int
    now: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A verified result."""

    subject: str
    """The country and the personal number (`SE199001011239`), or Freja's name of the person for this relying party."""
    level: str
    at: int
    """When Freja has taken the signature, milliseconds since 1970 UTC."""
    certificate: bytes
    """Freja's own that signed it, DER."""


def verified(details: str, asked: Asked, certificates: Sequence[Certificate]) -> Signed:
    """Verify a result. Raises Refused, OtherIntent, TooWeak; Misconfigured where the settings lack the certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        jws = read(details, largest=LARGEST_JWS)
        certificate = _signer(jws, certificates)
        result = json_object(jws.payload)
        words = json_object(read(_user_signature(result), largest=LARGEST_JWS).payload)
    except BadJws as error:
        raise Refused(f"Freja's result does not verify: {error}") from None
    if result.get("signRef") != asked.reference or result.get("status") != "APPROVED":
        raise OtherIntent("Freja's result is of another signature")
    at = _signed_at(result, asked, certificate)
    if result.get("signatureType") != "EXTENDED" or not _is_of(words, asked):
        raise OtherIntent("the person signed other words, or another hash, than were sent")
    attributes = result.get("requestedAttributes")
    if not isinstance(attributes, dict):
        raise TooWeak("Freja does not say who signed", hint="attributes")
    return Signed(
        subject=_subject(attributes, asked),
        level=_level(attributes, result, asked),
        at=at,
        certificate=certificate.public_bytes(Encoding.DER),
    )


def _signer(jws: Jws, certificates: Sequence[Certificate]) -> Certificate:
    """The certificate of the settings that signed it. What a header carries as a key is not looked at."""
    named = [name for name in ("x5t", "x5t#S256") if name in jws.header]
    fitting = [one for one in certificates if all(jws.header[name] == _thumbprint(one, name) for name in named)]
    if not fitting:
        raise Misconfigured("Freja signs with a certificate that is not among jws_certificates: fetch its new one")
    for certificate in fitting:
        try:
            verify(jws, certificate.public_key(), alg="RS256")  # type: ignore[arg-type]  # checked when it was loaded
        except BadJws:
            continue
        return certificate
    raise BadJws("no certificate of the settings verifies it")


def _thumbprint(certificate: Certificate, name: str) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    der = certificate.public_bytes(Encoding.DER)
    # RFC 7515, 4.1.7: SHA-1 only names the certificate; which one counts is said by the settings.
    digest = sha1(der, usedforsecurity=False) if name == "x5t" else sha256(der)
    return b64u(digest.digest())


def _user_signature(result: Mapping[str, Any]) -> str:
    data = result.get("signatureData")
    signature = data.get("userSignature") if isinstance(data, dict) else None
    if not isinstance(signature, str):
        raise BadJws("it holds no signature of a person")
    return signature


def _signed_at(result: Mapping[str, Any], asked: Asked, certificate: Certificate) -> int:
    at = result.get("timestamp")
    if isinstance(at, bool) or not isinstance(at, int) or not 0 < at < LATEST:
        raise Refused("Freja's result has no time")
    if at < asked.began_at - SKEW:
        raise OtherIntent("the person signed before the step-up began")
    if at > asked.now + SKEW:
        raise Refused("Freja's result is from the future")
    when = datetime.fromtimestamp(at / 1000, UTC)
    if not certificate.not_valid_before_utc <= when <= certificate.not_valid_after_utc:
        raise Refused("Freja's certificate was not valid when the person signed")
    return at


def _is_of(words: Mapping[str, Any], asked: Asked) -> bool:
    return _encodes(words.get("text"), asked.text.encode()) and _encodes(words.get("binaryData"), asked.hidden)


def _encodes(value: Any, octets: bytes) -> bool:
    """Whether it is these bytes in base64, in either alphabet and with or without padding: Freja has sent several."""
    if not isinstance(value, str) or not value.isascii():
        return False
    try:
        found = b64decode(value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(found, octets)


def _subject(attributes: Mapping[str, Any], asked: Asked) -> str:
    if asked.known_by == "ssn":
        person = attributes.get("ssn")
        # The answer beside the JWS has it as an object; the JWS itself has had it as JSON in a text.
        if isinstance(person, str) and len(person) <= 1000:
            try:
                person = json.loads(person)
            except ValueError:
                person = None
        country, number = (person.get("country"), person.get("ssn")) if isinstance(person, dict) else (None, None)
        found = f"{country}{number}" if isinstance(country, str) and len(country) == 2 and number else ""
    else:
        name = attributes.get("relyingPartyUserId")
        found = name if isinstance(name, str) else ""
    if not 2 < len(found) <= 255 or not found.isprintable():
        raise TooWeak("Freja does not say who signed", hint="attributes")
    return found


def _level(attributes: Mapping[str, Any], result: Mapping[str, Any], asked: Asked) -> str:
    """The person's level: at least what was asked for. Freja holds to it itself; this is what an auditor sees."""
    level = attributes.get("registrationLevel", result.get("minRegistrationLevel"))
    if level not in LEVELS or LEVELS.index(level) < LEVELS.index(asked.level):
        raise TooWeak("the person is not known to Freja as well as was asked for", hint="registration_level")
    return str(level)
