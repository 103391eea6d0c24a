"""XML signatures: what is accepted is one shape, signed by the key that came with it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from identity.bankid_xml import canonical, parse
from identity.bankid_xmldsig import DSIG, verify
from identity.errors import Refused
from tests.fakes.bankid_certificates import Person
from tests.fakes.bankid_scene import anna, authorities, bo
from tests.fakes.bankid_signature import C14N, MORE, SHA256, Signing, b64, sign

Bend = Callable[[str], str]


def signed(person: Person | None = None, **bent: object) -> bytes:
    return sign(person or anna(), Signing(visible="SGVq", hidden="c2hhMjU2", **bent))  # type: ignore[arg-type]  # members by name


def test_a_genuine_signature_tells_what_it_is_over() -> None:
    found = verify(signed())
    assert (found.visible, found.hidden, found.purpose) == ("SGVq", "c2hhMjU2", "Signing")
    assert found.certificates[0] == anna().bankid.certificate
    assert len(found.certificates) == 3


def test_a_signature_with_an_elliptic_curve_verifies() -> None:
    person = authorities().person("199001011239", "Anna", "Kurva", key=ec.generate_private_key(ec.SECP256R1()))
    assert verify(signed(person)).visible == "SGVq"


def test_another_way_to_write_the_same_document_changes_nothing() -> None:
    def other_way(document: str) -> str:
        document = document.replace("></Transform>", " />").replace('Id="bidKeyInfo"', "  Id='bidKeyInfo'")
        return document.replace(' standalone="no"', "").replace("SGVq", "<![CDATA[SGVq]]>")

    assert verify(signed(bend_document=other_way)).visible == "SGVq"


def test_a_signature_value_in_lines_verifies() -> None:
    def in_lines(document: str) -> str:
        return re.sub(r"(?<=<SignatureValue>)[^<]+", lambda value: re.sub(r"(.{64})", r"\1\n", value[0]), document)

    assert verify(signed(bend_document=in_lines)).visible == "SGVq"


def test_an_identification_without_words_has_none() -> None:
    found = verify(sign(anna(), Signing(visible=None, hidden=None, function="Identification")))
    assert (found.visible, found.hidden, found.purpose) == (None, None, "Identification")


def digest_of(element: str) -> str:
    return b64encode(sha256(canonical(parse(element.encode()))).digest()).decode()


def data_of(document: str) -> str:
    found = re.search(r"<bankIdSignedData.*</bankIdSignedData>", document)
    assert found is not None
    return found[0]


def wrapped(document: str) -> str:
    """The signed part moves into a second Object; a part with other words and another Id takes its place."""
    data = data_of(document)
    false = data.replace("SGVq", "RXZpbA==").replace('Id="bidSignedData"', 'Id="other"')
    return document.replace(f"<Object>{data}</Object>", f"<Object>{false}</Object><Object>{data}</Object>")


def wrapped_inside(document: str) -> str:
    """The signed part hides below the false one, in the same Object."""
    data = data_of(document)
    false = data.replace("SGVq", "RXZpbA==").replace('Id="bidSignedData"', 'Id="other"')
    return document.replace(data, false.replace("</bankIdSignedData>", f"{data}</bankIdSignedData>"))


def same_id_twice(document: str) -> str:
    data = data_of(document)
    return document.replace(data, data.replace("<srvInfo>", '<srvInfo Id="bidSignedData">'))


def other_reference(document: str) -> str:
    return document.replace('URI="#bidSignedData"', 'URI=""')


def without_data_reference(document: str) -> str:
    return re.sub(r"<Reference Type=.*?</Reference>", "", document)


def with_transform(name: str) -> Bend:
    return lambda document: re.sub(r'(<Transform Algorithm=)"[^"]*"', rf'\1"{name}"', document)


def with_method(name: str) -> Bend:
    return lambda document: re.sub(r'(<SignatureMethod Algorithm=)"[^"]*"', rf'\1"{name}"', document)


def in_a_wrapper(document: str) -> str:
    return "<wrapper>" + document[document.index("<Signature") :] + "</wrapper>"


BENT = [
    ("the-words-were-changed", lambda d: d.replace("SGVq", "SGVr"), "digest differs"),
    ("the-hash-was-changed", lambda d: d.replace("c2hhMjU2", "c2hhMjU3"), "digest differs"),
    ("its-purpose-was-changed", lambda d: d.replace("Signing", "Identification"), "digest differs"),
    ("a-comment-hides-in-the-words", lambda d: d.replace("SGVq", "SG<!-- -->Vq"), "a comment"),
    ("the-signed-part-was-moved-to-another-object", wrapped, "another shape"),
    ("the-signed-part-was-moved-below-a-false-one", wrapped_inside, "refers to something else"),
    ("an-id-stands-twice", same_id_twice, "an Id stands twice"),
    ("it-refers-to-the-whole-document", other_reference, "refers to something else"),
    (
        "it-refers-to-one-part-twice",
        lambda d: re.sub(r"(<Reference Type=.*?</Reference>)", r"\1\1", d),
        "refers to somethi",
    ),
    ("it-refers-to-the-certificates-alone", without_data_reference, "signed data is not referred to"),
    ("a-transform-by-xpath", with_transform("http://www.w3.org/TR/1999/REC-xpath-19991116"), "none that is accepted"),
    (
        "a-transform-by-a-program",
        with_transform("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        "none that is accepted",
    ),
    (
        "a-transform-with-parameters",
        lambda d: d.replace("></Transform>", "><XPath></XPath></Transform>"),
        "none that is a",
    ),
    ("a-transform-with-comments", with_transform(f"{C14N}#WithComments"), "none that is accepted"),
    ("an-hmac-keyed-by-the-public-key", with_method("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), "none that is acc"),
    ("a-signature-with-sha1", with_method("http://www.w3.org/2000/09/xmldsig#rsa-sha1"), "none that is accepted"),
    (
        "a-digest-with-sha1",
        lambda d: d.replace(SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"),
        "none that is accepted",
    ),
    ("another-kind-of-key", with_method(f"{MORE}ecdsa-sha256"), "kind of the key"),
    ("another-padding", with_method("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"), "does not verify"),
    ("a-signature-inside-another-document", in_a_wrapper, "no XML signature"),
    ("another-namespace", lambda d: d.replace(DSIG, "urn:not-a-signature"), "no XML signature"),
    ("no-certificates", lambda d: re.sub(r"<KeyInfo.*</KeyInfo>", "", d), "another shape"),
    ("no-signature", lambda d: re.sub(r"(?<=<SignatureValue>)[^<]+", "", d), "does not verify"),
    ("a-signature-that-is-no-base64", lambda d: re.sub(r"(?<=<SignatureValue>)[^<]+", "*", d), "not base64"),
    ("text-beside-the-signed-part", lambda d: d.replace("<Object>", "<Object>words"), "text where none belongs"),
    ("a-document-type", lambda d: '<!DOCTYPE x [<!ENTITY e "SGVq">]>' + d.split("?>")[1], "a document type"),
]


@pytest.mark.parametrize(("bend", "why"), [pytest.param(bend, why, id=name) for name, bend, why in BENT])
def test_a_document_that_was_bent_is_refused(bend: Bend, why: str) -> None:
    with pytest.raises(Refused, match=why):
        verify(signed(bend_document=bend))


def test_words_that_stand_twice_are_refused_though_signed() -> None:
    def twice(data: str) -> str:
        return data.replace("<srvInfo>", "<usrVisibleData>RXZpbA==</usrVisibleData><srvInfo>")

    with pytest.raises(Refused, match="usrVisibleData is not one text"):
        verify(signed(bend_data=twice))


def test_certificates_that_cannot_be_read_are_refused() -> None:
    def broken(document: str) -> str:
        certificates = re.search(r"<KeyInfo.*</KeyInfo>", document)
        assert certificates is not None
        other = re.sub(r"<X509Certificate>.{4}", "<X509Certificate>AAAA", certificates[0])
        return document.replace(certificates[0], other).replace(digest_of(certificates[0]), digest_of(other))

    with pytest.raises(Refused, match="a certificate cannot be read"):
        verify(signed(bend_document=broken))


def test_a_signature_by_another_key_than_the_certificates_is_refused() -> None:
    with pytest.raises(Refused, match="does not verify"):
        verify(signed(key=bo().bankid.key))


@pytest.mark.parametrize("octets", [b"", b"\0", bytes(63), bytes(64), b"\xff" * 64, b"\xff" * 65])
def test_numbers_that_are_no_elliptic_curve_signature_are_refused(octets: bytes) -> None:
    person = authorities().person("199001011239", "Anna", "Kurva", key=ec.generate_private_key(ec.SECP256R1()))

    def false(document: str) -> str:
        return re.sub(r"(?<=<SignatureValue>)[^<]+", b64(octets), document)

    with pytest.raises(Refused, match="does not verify"):
        verify(signed(person, bend_document=false))


def test_another_persons_certificate_in_front_is_refused() -> None:
    def swapped(document: str) -> str:
        first = re.search(r"<X509Certificate>[^<]+</X509Certificate>", document)
        other = re.search(r"<X509Certificate>[^<]+</X509Certificate>", signed(bo()).decode())
        assert first is not None
        assert other is not None
        return document.replace(first[0], other[0])

    with pytest.raises(Refused, match="digest differs"):
        verify(signed(bend_document=swapped))


def test_a_part_with_a_right_digest_that_nobody_signed_is_refused() -> None:
    def forged(document: str) -> str:
        data = data_of(document)
        false = data.replace("SGVq", "RXZpbA==")
        return document.replace(data, false).replace(digest_of(data), digest_of(false))

    with pytest.raises(Refused, match="does not verify"):
        verify(signed(bend_document=forged))


@pytest.mark.parametrize("purpose", ["", "<funcId>Signing</funcId><funcId>Identification</funcId>"])
def test_a_signed_part_that_does_not_say_once_what_it_is_for_is_refused(purpose: str) -> None:
    with pytest.raises(Refused, match="what it was given for"):
        verify(signed(bend_data=lambda data: data.replace("<funcId>Signing</funcId>", purpose)))


@pytest.mark.parametrize("document", [b"", b"signature", b"<a/>", b"\x00\xff", b"<Signature/>"])
def test_bytes_that_are_no_signature_are_refused(document: bytes) -> None:
    with pytest.raises(Refused):
        verify(document)
