"""Codes by SMS: the text, the numbers that are written to, and those that cost."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from identity.errors import Refused
from identity.one_time_code import Sent
from identity.proof import Factor, Proof
from identity.sms_otp import ALPHABET, PART, SmsOtp, SmsSettings, in_gsm
from tests.contracts.step_up import asked

NOW = asked.START


class Gateway:
    """Keeps what is sent."""

    def __init__(self, *, host: str = "hub.example", **settings: Any) -> None:
        self.sent: list[tuple[str, str]] = []
        found = SmsSettings(**{"allowed_prefixes": ("+467", "+4673", "+1212"), **settings})
        self.provider = SmsOtp(self.send, host=host, key=bytes(32), clock=lambda: NOW, settings=found)

    async def send(self, address: str, message: str) -> Sent:
        self.sent.append((address, message))
        return Sent()

    async def text(self, **changes: Any) -> str:
        await self.provider.begin(at("+46701234567"), asked.step_up(NOW, **changes))
        return self.sent[-1][1]


def at(number: str) -> Factor:
    return Factor({"address": number, "confirmed_at": 1})


async def test_the_text_says_who_asks_and_ends_in_the_line_that_webotp_reads() -> None:
    text = await Gateway().text()
    code = text[-6:]
    assert code.isdigit()
    assert text == (
        f"Acme AB: {code} is your one-time code. It is valid for 5 min. Give it to nobody.\n\n@hub.example #{code}"
    )


async def test_the_text_is_swedish_for_sv() -> None:
    text = await Gateway().text(language="sv")
    assert f"Acme AB: {text[-6:]} är din engångskod. Den gäller i 5 min. Ge den till ingen.\n\n@" in text


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    "organisation", ["", "Žofín 😀 [x] {y} € Sp. z o.o.", "Å" * 200, "日本", "a\n\n@evil.example #666"]
)
async def test_every_text_is_one_part_of_the_gsm_alphabet(organisation: str, language: str) -> None:
    text = await Gateway().text(organisation=organisation, language=language)
    assert set(text) <= ALPHABET
    assert len(text) <= PART
    assert [line for line in text.splitlines() if line.startswith("@")] == [f"@hub.example #{text[-6:]}"]


async def test_a_long_host_leaves_less_room_for_the_name() -> None:
    text = await Gateway(host="approvals." + "long-name." * 5 + "example").text(organisation="Å" * 60)
    assert len(text) == PART
    assert text.startswith("ÅÅ")


@pytest.mark.parametrize(
    ("given", "written"),
    [("Räksmörgås & Co", "Räksmörgås & Co"), ("Žofie", "Zofie"), ("a`b", "ab"), ("ﬁn", "fin"), ("[]{}^~|\\€", "")],
)
def test_letters_beside_the_gsm_table_lose_their_accents_or_are_dropped(given: str, written: str) -> None:
    assert in_gsm(given) == written


def test_the_gsm_table_has_127_characters_beside_escape() -> None:
    assert len(ALPHABET) == 127


async def test_a_code_has_six_digits_or_eight_where_set() -> None:
    assert (await Gateway().text())[-7] == "#"
    assert (await Gateway(digits=8).text())[-9] == "#"


async def test_the_proof_says_that_it_came_by_sms() -> None:
    gateway, factor, step_up = Gateway(), at("+46701234567"), asked.step_up(NOW)
    challenge = await gateway.provider.begin(factor, step_up)
    answer = {"code": gateway.sent[0][1][-6:]}
    proof = await gateway.provider.complete(factor, step_up, challenge.state, answer, now=NOW)
    assert isinstance(proof, Proof)
    assert (proof.method, proof.amr) == ("sms_otp", ("otp", "sms"))


async def test_the_page_shows_only_the_end_of_the_number() -> None:
    challenge = await Gateway().provider.begin(at("+46701234567"), asked.step_up(NOW))
    assert challenge.shown["sent_to"] == "…67"


PUMPING = {
    "a country that is not allowed": ("+467", "+8801712345678"),
    "a landline beside the mobiles that are allowed": ("+467", "+4684012345"),
    "swedish premium": ("+46", "+469001234567"),
    "swedish premium 0939": ("+46", "+469391234567"),
    "swedish mass calls": ("+46", "+46991234567"),
    "british premium": ("+44", "+449012345678"),
    "british personal numbers": ("+44", "+447012345678"),
    "american premium": ("+1", "+19001234567"),
    "a satellite": ("+8", "+881612345678"),
    "an international premium number": ("+9", "+979123456789"),
}


@pytest.mark.parametrize(("allowed", "number"), PUMPING.values(), ids=PUMPING)
async def test_a_number_that_earns_by_being_written_to_is_refused(allowed: str, number: str) -> None:
    gateway = Gateway(allowed_prefixes=(allowed,))
    with pytest.raises(Refused):
        await gateway.provider.begin(at(number), asked.step_up(NOW))
    assert gateway.sent == []


async def test_a_prefix_may_be_refused_within_an_allowed_one() -> None:
    gateway = Gateway(allowed_prefixes=("+1",), refused_prefixes=("+1876",))
    await gateway.provider.begin(at("+12125550123"), asked.step_up(NOW))
    with pytest.raises(Refused):
        await gateway.provider.begin(at("+18765550123"), asked.step_up(NOW))


@pytest.mark.parametrize("number", ["+8860912345678", "+8801712345678"])
async def test_a_country_beside_the_satellites_may_be_allowed(number: str) -> None:
    gateway = Gateway(allowed_prefixes=("+88",))
    await gateway.provider.begin(at(number), asked.step_up(NOW))
    assert gateway.sent


NO_NUMBERS = (
    "",
    "0701234567",
    "46701234567",
    "+0701234567",
    "+46 70 123 45 67",
    "+4670",
    "+46701234567890123",
    "+46７012345",
    "+46701234567\n",
    "+46701234567,+1900",
)


@pytest.mark.parametrize("number", NO_NUMBERS)
async def test_what_is_no_international_number_is_refused(number: str) -> None:
    with pytest.raises(Refused):
        await Gateway(allowed_prefixes=("+46",)).provider.begin(at(number), asked.step_up(NOW))


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"allowed_prefixes": []},
        {"allowed_prefixes": ["46"]},
        {"allowed_prefixes": ["+"]},
        {"allowed_prefixes": ["+46"], "digits": 4},
        {"allowed_prefixes": ["+46"], "resends": 50},
        {"allowed_prefixes": ["+46"], "countries": []},
    ],
)
def test_settings_that_let_messages_go_anywhere_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, SmsSettings)


def test_a_prefix_with_a_line_break_at_its_end_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"allowed_prefixes": ["+46\n"]}, SmsSettings)
