"""The XML signature of a BankID (W3C XML Signature 1.1; BankID Signature Profile): verified, and what it is over.

A verifier of its own, for two reasons. The general ones are general, while BankID's profile has one shape: everything
else is refused before a digest is computed. And `signxml` 5.2.0 refuses genuine signatures: lxml 6.1.3 below it writes
a needless `xmlns=""` when it canonicalises a part of a document. This one was held against libxmlsec1, both ways.

What is signed is found by its place in that shape, never by looking for an Id in the document, so moving the signed
part elsewhere and putting another one in its place (signature wrapping) finds nothing to work on. There are no
transforms but canonicalisation, no SHA-1, and no HMAC (with which an attacker would sign by a public key).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from identity.bankid_xml import BadXml, Element, canonical, parse
from identity.errors import Refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

DSIG = "http://www.w3.org/2000/09/xmldsig#"
BANKID = "http://www.bankid.com/signature/v1.0.0/types"
CANONICALISATIONS = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
}
"""Algorithm to whether it is exclusive. Version 1.1 differs in `xml:` attributes alone, and those are refused."""
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
SIGNATURES = {
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-sha{bits}": (kind, bits)
    for kind in ("rsa", "ecdsa")
    for bits in (256, 384, 512)
} | {f"http://www.w3.org/2007/05/xmldsig-more#sha{bits}-rsa-MGF1": ("pss", bits) for bits in (256, 384, 512)}
"""Algorithm to its kind and the bits of its hash (RFC 6931)."""
MOST_CERTIFICATES = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Signed:
    """A verified signature. Whose certificate it is and who vouches for it, the caller finds out."""

    certificates: tuple[Certificate, ...]
    """As they stood there: the signer's own first."""
    visible: str | None
    """The text of `usrVisibleData`, base64 as BankID was sent it; None where there is none."""
    hidden: str | None
    """The text of `usrNonVisibleData`, likewise."""
    purpose: str
    """`Signing` or `Identification`: what the person's app said it was doing."""


def verify(document: bytes) -> Signed:
    """Verify the signature with the key of the first certificate inside it. Raises Refused."""
    try:
        root = parse(document)
    except BadXml as error:
        raise bad(str(error)) from error
    if (root.namespace, root.local) != (DSIG, "Signature"):
        raise bad("it is no XML signature")
    info, value, key_info, holder = _children(root, DSIG, "SignedInfo", "SignatureValue", "KeyInfo", "Object")
    (data,) = _children(holder, BANKID, "bankIdSignedData")
    _verify_digests(root, info, data, key_info)
    certificates = _certificates(key_info)
    _verify_signature(info, _octets(value), certificates[0])
    return Signed(certificates, _optional(data, "usrVisibleData"), _optional(data, "usrNonVisibleData"), _purpose(data))


def bad(why: str) -> Refused:
    """The refusal of evidence that proves nothing; final, as BankID gives an order's signature once."""
    return Refused(f"the BankID signature proves nothing: {why}", hint="bad_evidence")


def _verify_digests(root: Element, info: Element, data: Element, key_info: Element) -> None:
    """What SignedInfo refers to is there, unchanged: the signed data always, the certificates where it names them."""
    ids = [value for element in root.walk() for value in _ids(element)]
    if len(set(ids)) != len(ids):
        raise bad("an Id stands twice")
    targets = {f"#{element.attribute('Id')}": element for element in (data, key_info) if element.attribute("Id")}
    references = [element for element in info.elements if element.local == "Reference"]
    _children(info, DSIG, "CanonicalizationMethod", "SignatureMethod", *["Reference"] * len(references))
    seen = []
    for reference in references:
        target = targets.get(reference.attribute("URI") or "")
        if target is None or target in seen:
            raise bad("it refers to something else than the signed data and the certificates")
        seen.append(target)
        transforms, method, expected = _children(reference, DSIG, "Transforms", "DigestMethod", "DigestValue")
        (transform,) = _children(transforms, DSIG, "Transform")
        octets = canonical(target, exclusive=_algorithm(transform, CANONICALISATIONS))
        if not hmac.compare_digest(hashlib.new(_algorithm(method, DIGESTS), octets).digest(), _octets(expected)):
            raise bad("a digest differs from what was signed")
    if data not in seen:
        raise bad("the signed data is not referred to")


def _verify_signature(info: Element, signature: bytes, certificate: Certificate) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    octets = canonical(info, exclusive=_algorithm(info.elements[0], CANONICALISATIONS))
    kind, bits = _algorithm(info.elements[1], SIGNATURES)
    digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}[bits]
    try:
        key = certificate.public_key()
        if kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = (key.curve.key_size + 7) // 8  # XML signatures write r and s in full length, not as DER
            pair = (int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
            key.verify(encode_dss_signature(*pair), octets, ec.ECDSA(digest))
        elif kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, octets, padding.PKCS1v15(), digest)
        elif kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, octets, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        else:
            raise bad("the kind of the key is another than the signature's")
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        # ValueError: a key too short for the hash, or a point that is on no curve.
        raise bad("it does not verify") from None


def _certificates(key_info: Element) -> tuple[Certificate, ...]:
    from cryptography.x509 import load_der_x509_certificate

    (holder,) = _children(key_info, DSIG, "X509Data")
    texts = holder.elements
    if not 1 <= len(texts) <= MOST_CERTIFICATES:
        raise bad("no certificates, or too many")
    _children(holder, DSIG, *["X509Certificate"] * len(texts))
    try:
        return tuple(load_der_x509_certificate(_octets(text)) for text in texts)
    except ValueError as error:
        raise bad("a certificate cannot be read") from error


def _purpose(data: Element) -> str:
    clients = [element for element in data.elements if (element.namespace, element.local) == (BANKID, "clientInfo")]
    words = [
        element.text.strip()
        for client in clients
        for element in client.elements
        if (element.namespace, element.local) == (BANKID, "funcId")
    ]
    if len(words) != 1:
        raise bad("it does not say once what it was given for")
    return words[0]


def _optional(data: Element, local: str) -> str | None:
    """The text of a part of the signed data that may be absent, but never twice."""
    found = [element for element in data.elements if (element.namespace, element.local) == (BANKID, local)]
    if not found:
        return None
    if len(found) > 1 or found[0].elements:
        raise bad(f"{local} is not one text")
    return found[0].text


def _children(element: Element, namespace: str, *locals_: str) -> list[Element]:
    """The elements directly inside, which must be exactly these, in this order, with no text between them."""
    found = element.elements
    if [child.local for child in found] != list(locals_) or any(child.namespace != namespace for child in found):
        raise bad(f"{element.local} has another shape")
    if element.text.strip():
        raise bad(f"{element.local} has text where none belongs")
    return found


def _algorithm(element: Element, known: Mapping[str, T]) -> T:
    """The algorithm an element names. One with parameters is another algorithm, and none of ours."""
    name = element.attribute("Algorithm") or ""
    if name not in known or element.elements or element.text.strip():
        raise bad(f"{element.local} is none that is accepted")
    return known[name]


def _ids(element: Element) -> list[str]:
    return [each.value for each in element.attributes if each.local.lower() == "id"]


def _octets(element: Element) -> bytes:
    """The base64 text of an element; XML may break it into lines."""
    try:
        return b64decode("".join(element.text.split()).encode(), validate=True)
    except ValueError as error:
        raise bad(f"{element.local} is not base64") from error
