"""The evidence as a whole: the parts that verify must belong together."""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from identity.bankid_evidence import LARGEST_SIGNATURE, Asked, Evidence, require_same_person, verify
from identity.errors import OtherIntent, Refused, TooWeak, WrongPerson
from tests.fakes.bankid_certificates import Person
from tests.fakes.bankid_scene import anna, authorities, bo, foreign_authorities
from tests.fakes.bankid_signature import Checking, Signing, b64, check, sign

NOW = time.time_ns() // 1_000_000
ASKED = Asked("sign", visible="SGVq", hidden="c2hhMjU2", not_before=NOW - 10_000)


def evidence(person: Person | None = None, **signing: Any) -> tuple[str, str]:
    """A signature and its OCSP response, in base64, as BankID sends them."""
    who = person or anna()
    signature = b64(sign(who, Signing(**{"visible": "SGVq", "hidden": "c2hhMjU2", **signing})))
    return signature, b64(check(authorities(), who, signature, Checking(NOW)))


def verified(found: tuple[str, str], asked: Asked = ASKED, now: int = NOW) -> Evidence:
    return verify(*found, asked, roots=[authorities().root.certificate], now=now)


def test_genuine_evidence_names_the_person_and_keeps_what_an_auditor_needs() -> None:
    found = evidence()
    kept = verified(found)
    assert kept.personal_number == anna().personal_number
    assert (b64(kept.signature), b64(kept.ocsp)) == found


def test_kept_evidence_verifies_again_from_its_bytes() -> None:
    kept = verified(evidence())
    assert verified((b64(kept.signature), b64(kept.ocsp))) == kept


def test_evidence_with_an_elliptic_curve_key_verifies() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    person = authorities().person("198505052388", "Bo", "Kurva", key=key)
    assert verified(evidence(person)).personal_number == "198505052388"


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, visible="SGVqIQ=="),
        replace(ASKED, visible=None),
        replace(ASKED, hidden="b3RoZXI="),
        replace(ASKED, kind="auth"),
    ],
    ids=["other-words", "words-where-none-were-sent", "another-hash", "a-signature-for-an-identification"],
)
def test_a_genuine_signature_over_something_else_is_another_intent(asked: Asked) -> None:
    with pytest.raises(OtherIntent):
        verified(evidence(), asked)


@pytest.mark.parametrize(
    "signing",
    [
        {"visible": None},
        {"hidden": None},
        {"visible": "SGVq\n"},
        {"function": "Identification"},
        {"function": "signing"},
    ],
    ids=["no-words", "no-hash", "a-line-more", "an-identification-for-a-signature", "an-unknown-purpose"],
)
def test_a_signature_that_leaves_out_or_adds_anything_is_another_intent(signing: dict[str, Any]) -> None:
    with pytest.raises(OtherIntent):
        verified(evidence(**signing))


def test_words_in_other_bytes_that_decode_alike_are_another_intent() -> None:
    # "SGVr" and "SGVq" differ; "QQ==" and "QR==" decode to the same byte, and only one was sent.
    with pytest.raises(OtherIntent):
        verified(evidence(visible="QR=="), replace(ASKED, visible="QQ=="))


def test_somebody_who_calls_themselves_bankid_proves_nothing() -> None:
    person = foreign_authorities().person(anna().personal_number, "Anna", "Ångström")
    signature = b64(sign(person, Signing("SGVq", "c2hhMjU2")))
    response = b64(check(foreign_authorities(), person, signature, Checking(NOW)))
    with pytest.raises(Refused, match="do not lead to BankID's root"):
        verified((signature, response))


def test_a_response_that_belongs_to_another_signature_proves_nothing() -> None:
    signature, _ = evidence()
    _, response = evidence(visible="QQ==")
    with pytest.raises(Refused, match="another signature"):
        verified((signature, response))


def test_a_signature_of_somebody_else_names_them() -> None:
    assert verified(evidence(bo())).personal_number == bo().personal_number


def test_a_number_told_that_is_not_the_certificates_is_another_person() -> None:
    kept = verified(evidence(bo()))
    require_same_person(kept, bo().personal_number)
    with pytest.raises(WrongPerson):
        require_same_person(kept, anna().personal_number)


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        ((), True),
        (("1.2.3.4.25",), True),
        (("1.2.3.4.5", "1.2.3.4.25"), True),
        (("1.2.3.4.*",), True),
        (("1.2.3.4.2",), False),
        (("1.2.3.4.5",), False),
        (("1.2.3.*",), True),
        (("1.2.30.*",), False),
    ],
)
def test_the_kind_of_bankid_is_checked_in_the_certificate_itself(wanted: tuple[str, ...], counts: bool) -> None:
    found, asked = evidence(), replace(ASKED, policies=wanted)
    if counts:
        assert verified(found, asked)
        return
    with pytest.raises(TooWeak, match="another kind of BankID"):
        verified(found, asked)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "XML"),
        ("not base64!", "not base64"),
        ("QR==", "not canonical"),
        ("QQ==\n", "base64"),
        ("\ud800", "not base64"),
        ("A" * (LARGEST_SIGNATURE * 2), "too large"),
    ],
)
def test_texts_that_are_no_evidence_are_refused(text: str, why: str) -> None:
    _, response = evidence()
    with pytest.raises(Refused, match=why):
        verified((text, response))
    signature, _ = evidence()
    with pytest.raises(Refused):
        verified((signature, text))


def test_bytes_of_a_wrong_kind_are_refused() -> None:
    signature, response = evidence()
    with pytest.raises(Refused):
        verified((response, signature))
    with pytest.raises(Refused):
        verified((signature, b64encode(b"ocsp").decode()))
