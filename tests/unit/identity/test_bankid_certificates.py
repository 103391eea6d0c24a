"""The chain from a person's certificate to BankID's root."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from identity.bankid_certificates import is_issued_by, personal_number, policies, read_roots, verify_chain
from identity.errors import Refused
from tests.fakes.bankid_certificates import Holder, common_name, issue
from tests.fakes.bankid_scene import anna, authorities, foreign_authorities

NOW = time.time_ns() // 1_000_000
CURVE = ec.generate_private_key(ec.SECP256R1())
Extensions = list[tuple[x509.ExtensionType, bool]]


def chain() -> list[x509.Certificate]:
    return [anna().bankid.certificate, *(each.certificate for each in anna().issuers)]


def roots() -> list[x509.Certificate]:
    return [authorities().root.certificate]


def authority(issuer: Holder | None, extensions: Extensions | None = None, **how: Any) -> Holder:
    """An authority of other conditions; by itself where there is no issuer."""
    if extensions is None:
        extensions = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    return Holder(CURVE, issue(common_name("Some authority"), CURVE, issuer, extensions, **how))


def person(issuer: Holder, extensions: Extensions | None = None, *, key: Any = CURVE, **how: Any) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, "199001011239")])
    return issue(name, key, issuer, extensions or [], **how)


def test_a_persons_chain_leads_to_the_root() -> None:
    assert verify_chain(chain(), roots(), now=NOW) == authorities().customers.certificate


def test_a_chain_that_holds_the_root_as_well_is_the_same() -> None:
    assert verify_chain([*chain(), *roots()], roots(), now=NOW) == authorities().customers.certificate


def test_a_root_that_calls_itself_bankid_but_is_not_the_pinned_one_is_refused() -> None:
    with pytest.raises(Refused, match="do not lead to BankID's root"):
        verify_chain(chain(), [foreign_authorities().root.certificate], now=NOW)


def test_a_foreign_root_sent_along_vouches_for_nobody() -> None:
    with pytest.raises(Refused, match="do not lead to BankID's root"):
        verify_chain([*chain(), *roots()], [foreign_authorities().root.certificate], now=NOW)


def test_a_chain_with_a_link_left_out_is_refused() -> None:
    with pytest.raises(Refused):
        verify_chain([chain()[0], chain()[2]], roots(), now=NOW)


def test_a_root_that_signs_by_itself_is_refused() -> None:
    with pytest.raises(Refused):
        verify_chain(roots(), roots(), now=NOW)


def test_a_person_who_issues_a_certificate_to_somebody_is_refused() -> None:
    # The classic: any certificate of the authority, used as if it were one.
    victim = person(anna().bankid)
    with pytest.raises(Refused, match="may not issue"):
        verify_chain([victim, *chain()], roots(), now=NOW)


@pytest.mark.parametrize(
    ("extensions", "why"),
    [
        ([], "may not issue"),
        ([(x509.BasicConstraints(ca=False, path_length=None), True)], "may not issue"),
        ([(x509.BasicConstraints(ca=True, path_length=None), True), "no_cert_sign"], "may not issue"),
        ([(x509.BasicConstraints(ca=True, path_length=None), True), "unknown"], "not understood"),
    ],
)
def test_an_authority_without_the_right_to_issue_is_refused(extensions: list[Any], why: str) -> None:
    special: dict[str, tuple[x509.ExtensionType, bool]] = {
        "no_cert_sign": (x509.KeyUsage(True, False, False, False, False, False, True, False, False), True),
        "unknown": (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5.6"), b"\x05\x00"), True),
    }
    middle = authority(authorities().root, [special[each] if isinstance(each, str) else each for each in extensions])
    with pytest.raises(Refused, match=why):
        verify_chain([person(middle), middle.certificate], roots(), now=NOW)


def test_a_chain_longer_than_an_authority_allows_is_refused() -> None:
    # The customers' authority may issue to people (path length 0), not to another authority.
    middle = authority(authorities().customers)
    issuers = [each.certificate for each in anna().issuers]
    with pytest.raises(Refused, match="longer than an authority allows"):
        verify_chain([person(middle), middle.certificate, *issuers], roots(), now=NOW)


@pytest.mark.parametrize(
    ("extensions", "why"),
    [
        ([(x509.BasicConstraints(ca=True, path_length=None), True)], "an authority's certificate signed"),
        ([(x509.KeyUsage(False, False, True, False, False, False, False, False, False), True)], "not for signing"),
        ([(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5.6"), b"\x05\x00"), True)], "not understood"),
    ],
)
def test_a_certificate_that_is_not_for_people_to_sign_with_is_refused(extensions: Extensions, why: str) -> None:
    with pytest.raises(Refused, match=why):
        verify_chain([person(authorities().root, extensions)], roots(), now=NOW)


@pytest.mark.parametrize(
    ("since", "until"),
    [(timedelta(days=-30), timedelta(days=-1)), (timedelta(days=1), timedelta(days=30))],
    ids=["expired", "not-yet-valid"],
)
def test_a_certificate_outside_its_time_is_refused(since: timedelta, until: timedelta) -> None:
    at = datetime.fromtimestamp(NOW / 1000, UTC)
    with pytest.raises(Refused, match="not valid at this time"):
        verify_chain([person(authorities().root, since=at + since, until=at + until)], roots(), now=NOW)


def test_an_expired_authority_is_refused() -> None:
    at = datetime.fromtimestamp(NOW / 1000, UTC)
    middle = authority(authorities().root, since=at - timedelta(days=9), until=at - timedelta(days=1))
    with pytest.raises(Refused, match="not valid at this time"):
        verify_chain([person(middle), middle.certificate], roots(), now=NOW)


def test_a_key_that_can_be_factored_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    with pytest.raises(Refused, match="too weak"):
        verify_chain([person(authorities().root, key=weak)], roots(), now=NOW)


def test_a_certificate_signed_with_sha1_does_not_count() -> None:
    key = rsa.generate_private_key(65537, 2048)
    issuer = Holder(key, issue(common_name("Old authority"), key, None, []))
    good = person(issuer)
    # cryptography signs no certificate with SHA-1 any more: the last octet of the algorithm's name says which hash.
    sha256_with_rsa, sha1_with_rsa = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    old_tbs = good.tbs_certificate_bytes.replace(sha256_with_rsa, sha1_with_rsa)
    der = good.public_bytes(serialization.Encoding.DER)
    der = der.replace(good.tbs_certificate_bytes, old_tbs).replace(sha256_with_rsa, sha1_with_rsa)
    der = der.replace(good.signature, key.sign(old_tbs, padding.PKCS1v15(), hashes.SHA1()))
    old = x509.load_der_x509_certificate(der)
    key.public_key().verify(old.signature, old.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA1())
    assert is_issued_by(good, issuer.certificate)
    assert not is_issued_by(old, issuer.certificate)


def test_the_personal_number_is_the_certificates_serial_number_attribute() -> None:
    assert personal_number(chain()[0]) == "199001011239"


@pytest.mark.parametrize("numbers", [[], ["19900101-1239"], ["9001011239"], ["199001011239", "198505052388"]])
def test_a_certificate_without_one_plain_personal_number_is_refused(numbers: list[str]) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, number) for number in numbers])
    with pytest.raises(Refused, match="no personal number"):
        personal_number(issue(name, CURVE, None, []))


def test_the_policies_of_a_certificate_are_told_dotted() -> None:
    assert policies(chain()[0]) == ("1.2.3.4.25",)
    assert policies(authorities().root.certificate) == ()


def test_a_file_of_several_roots_is_read_whole() -> None:
    both = authorities().root.pem + foreign_authorities().root.pem
    assert read_roots(both) == (authorities().root.certificate, foreign_authorities().root.certificate)


@pytest.mark.parametrize(
    "pem", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_without_certificates_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_roots(pem)
