"""What a BankID app and BankID's validation authority make when somebody signs: an XML signature, an OCSP response.

The XML is written in its canonical form by hand, and knows nothing of how it will be read. `Signing` says what is
signed; its members can be bent.
"""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import ocsp

from approvals_hub.cli.pretend_bankid.certificates import Authorities, Holder, Person

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"


@dataclass(frozen=True)
class Signing:
    """One signature. Texts are base64, as the relying party sent them."""

    visible: str | None
    hidden: str | None
    function: str = "Signing"
    """`Signing` or `Identification`."""
    nonce: str = "NDZjYTUwYWQtZmVlNS00"
    key: Any = None
    """Signs instead of the person's own key."""
    bend_data: Callable[[str], str] = lambda data: data
    """Changes the signed part before it is signed."""
    bend_document: Callable[[str], str] = lambda document: document
    """Changes the document after it was signed."""


def sign(person: Person, signing: Signing) -> bytes:
    """The XML signature of a person over what was sent."""
    data = signing.bend_data(_data(signing))
    certificates = "".join(
        f"<X509Certificate>{b64(each.public_bytes(serialization.Encoding.DER))}</X509Certificate>"
        for each in (person.bankid.certificate, *(issuer.certificate for issuer in person.issuers))
    )
    key_info = f'<KeyInfo xmlns="{DSIG}" Id="bidKeyInfo"><X509Data>{certificates}</X509Data></KeyInfo>'
    key = signing.key or person.bankid.key
    method = "ecdsa-sha256" if isinstance(key, ec.EllipticCurvePrivateKey) else "rsa-sha256"
    info = (
        f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod Algorithm="{C14N}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{MORE}{method}"></SignatureMethod>'
        f"{_reference('bidSignedData', data, kind='http://www.bankid.com/signature/v1.0.0/types')}"
        f"{_reference('bidKeyInfo', key_info)}</SignedInfo>"
    )
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="no"?><Signature xmlns="{DSIG}">{info}'
        f"<SignatureValue>{b64(_signature(key, info.encode()))}</SignatureValue>{key_info}"
        f"<Object>{data}</Object></Signature>"
    )
    return signing.bend_document(document).encode()


@dataclass(frozen=True)
class Checking:
    """One OCSP response; the members can be bent."""

    at: int
    """Milliseconds since 1970 UTC."""
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    responder: Holder | None = None
    """Signs, with its certificate sent along, instead of the bank's own responder."""
    ocsp_nonce: bytes | None = None
    about: Person | None = None
    """About this one's certificate instead."""


def check(authorities: Authorities, person: Person, signature: str, checking: Checking) -> bytes:
    """The OCSP response for the signature (base64) that a person has just made."""
    at = datetime.fromtimestamp(checking.at / 1000, UTC).replace(microsecond=0)
    about = checking.about or person
    responder = checking.responder or authorities.responder
    revoked = checking.status is ocsp.OCSPCertStatus.REVOKED
    # BankID puts this hash there: it ties the response to one signature, whose own hashes are SHA-256.
    nonce = checking.ocsp_nonce or hashlib.sha1(signature.encode(), usedforsecurity=False).digest() + os.urandom(12)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.bankid.certificate,
            issuer=about.issuers[0].certificate,
            algorithm=hashes.SHA1(),  # noqa: S303 - how OCSP names certificates (RFC 6960); nothing trusts in it
            cert_status=checking.status,
            this_update=at,
            next_update=at + timedelta(minutes=5),
            revocation_time=at - timedelta(days=1) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
        .add_extension(x509.OCSPNonce(nonce), False)
    )
    return _dated(builder.sign(responder.key, hashes.SHA256()), at, responder)


def _dated(response: ocsp.OCSPResponse, at: datetime, responder: Holder) -> bytes:
    """The same response made at `at`: cryptography writes the present time, and the fake has a clock of its own."""
    assert isinstance(responder.key, ec.EllipticCurvePrivateKey)
    produced = b"\x18\x0f" + at.strftime("%Y%m%d%H%M%SZ").encode()
    tbs = re.sub(rb"\x18\x0f[0-9]{14}Z", produced, response.tbs_response_bytes, count=1)
    signature = responder.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    certificate = responder.certificate.public_bytes(serialization.Encoding.DER)
    ecdsa_with_sha256 = bytes.fromhex("300a06082a8648ce3d040302")
    basic = der(0x30, tbs + ecdsa_with_sha256 + der(0x03, b"\0" + signature) + der(0xA0, der(0x30, certificate)))
    return successful(basic)


def successful(basic: bytes) -> bytes:
    """An OCSPResponse of status `successful` around a BasicOCSPResponse (RFC 6960, section 4.2.1)."""
    id_pkix_ocsp_basic = bytes.fromhex("06092b0601050507300101")
    return der(0x30, bytes.fromhex("0a0100") + der(0xA0, der(0x30, id_pkix_ocsp_basic + der(0x04, basic))))


def der(tag: int, content: bytes) -> bytes:
    """One value of ASN.1 (X.690, definite lengths)."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _data(signing: Signing) -> str:
    words = "" if signing.visible is None else _visible(signing.visible)
    hidden = "" if signing.hidden is None else f"<usrNonVisibleData>{signing.hidden}</usrNonVisibleData>"
    service = b64(b"cn=Approvals Hub,name=Approvals Hub,serialNumber=5561234567,o=Testbank A AB (publ),c=SE")
    return (
        '<bankIdSignedData xmlns="http://www.bankid.com/signature/v1.0.0/types" Id="bidSignedData">'
        f"{words}{hidden}<srvInfo><name>{service}</name><nonce>{signing.nonce}</nonce>"
        f"<displayName>{b64(b'Approvals Hub')}</displayName></srvInfo>"
        f"<clientInfo><funcId>{signing.function}</funcId><version>{b64(b'7.60.0')}</version>"
        "<env><ai><type>QU5EUk9JRA==</type><utb>cs1</utb><uauth>pw</uauth></ai></env></clientInfo></bankIdSignedData>"
    )


def _visible(text: str) -> str:
    return f'<usrVisibleData charset="UTF-8" visible="wysiwys">{text}</usrVisibleData>'


def _reference(name: str, element: str, *, kind: str | None = None) -> str:
    type_ = f' Type="{kind}"' if kind else ""
    return (
        f'<Reference{type_} URI="#{name}"><Transforms><Transform Algorithm="{C14N}"></Transform></Transforms>'
        f'<DigestMethod Algorithm="{SHA256}"></DigestMethod>'
        f"<DigestValue>{b64(hashlib.sha256(element.encode()).digest())}</DigestValue></Reference>"
    )


def _signature(key: Any, octets: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
        half = (key.curve.key_size + 7) // 8
        return r.to_bytes(half) + s.to_bytes(half)
    signed: bytes = key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    return signed


def b64(octets: bytes) -> str:
    """Base64, as a text."""
    return b64encode(octets).decode()
