"""Codes by e-mail: which addresses, and what the proof says."""

from __future__ import annotations

import re

import msgspec
import pytest

from identity.code_mail import Mail
from identity.email_otp import EmailOtp, EmailSettings
from identity.errors import Refused
from identity.one_time_code import Sent
from identity.proof import Factor, Proof
from tests.contracts.step_up import asked

NOW = asked.START


class Post:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mail]] = []
        self.provider = EmailOtp(self.send, key=bytes(32), clock=lambda: NOW, settings=EmailSettings())

    async def send(self, address: str, message: Mail) -> Sent:
        self.sent.append((address, message))
        return Sent()


def at(address: str) -> Factor:
    return Factor({"address": address, "confirmed_at": 1})


async def test_a_code_of_eight_digits_goes_to_the_address_in_the_persons_language() -> None:
    post = Post()
    await post.provider.begin(at("anna@example.se"), asked.step_up(NOW, language="sv"))
    address, mail = post.sent[0]
    assert address == "anna@example.se"
    assert mail.language == "sv"
    assert re.search(r"^\d{8}$", mail.text, re.MULTILINE)
    assert mail.subject.startswith("Acme AB ")


async def test_mail_alone_is_no_second_factor() -> None:
    post, step_up, factor = Post(), asked.step_up(NOW), at("anna@example.se")
    challenge = await post.provider.begin(factor, step_up)
    code = re.findall(r"^\d{8}$", post.sent[0][1].text, re.MULTILINE)[0]
    proof = await post.provider.complete(factor, step_up, challenge.state, {"code": code}, now=NOW)
    assert isinstance(proof, Proof)
    assert (proof.method, proof.amr, proof.identified, proof.acr_reported) == ("email_otp", ("otp",), None, None)


async def test_the_page_shows_only_where_the_code_went() -> None:
    challenge = await Post().provider.begin(at("anna@example.se"), asked.step_up(NOW))
    assert challenge.shown["sent_to"] == "a…@example.se"
    assert challenge.shown["digits"] == 8


@pytest.mark.parametrize(
    "address", ["anna@example.se", "a.b+c@xn--rksmrgs-5wao1o.se", "å@räksmörgås.se", "x@localhost"]
)
async def test_a_plain_address_is_written_to(address: str) -> None:
    post = Post()
    await post.provider.begin(at(address), asked.step_up(NOW))
    assert post.sent[0][0] == address


@pytest.mark.parametrize("digits", [6, 7, 9])
def test_a_code_by_mail_that_is_shorter_than_eight_digits_is_refused_with_its_setting(digits: int) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.digits"):
        msgspec.convert({"digits": digits}, EmailSettings)


ATTACKS = {
    "a second header": "anna@example.se\r\nBcc: evil@example.com",
    "a second receiver": "anna@example.se,evil@example.com",
    "a second receiver by semicolon": "anna@example.se;evil@example.com",
    "a display name": "Anna <anna@example.se>",
    "a comment": "anna(evil)@example.se",
    "a quoted name": '"anna@evil"@example.se',
    "two at signs": "anna@evil@example.se",
    "a space": "anna @example.se",
    "a route": "@evil:anna@example.se",
    "a null character": "anna\0@example.se",
    "no host": "anna@",
    "no name": "@example.se",
    "no at sign": "anna",
    "nothing": "",
    "too long a name": "a" * 65 + "@example.se",
    "too long an address": "a@" + "b" * 253,
}


@pytest.mark.parametrize("address", ATTACKS.values(), ids=ATTACKS)
async def test_an_address_that_hides_something_is_refused(address: str) -> None:
    post = Post()
    with pytest.raises(Refused):
        await post.provider.begin(at(address), asked.step_up(NOW))
    assert post.sent == []
