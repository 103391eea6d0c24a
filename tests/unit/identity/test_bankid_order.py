"""What an order asks BankID for."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from identity.bankid_order import hidden_data, kind_of, order_of, return_url, visible_data
from identity.bankid_settings import BankIDSettings
from identity.errors import Misconfigured, Refused
from identity.proof import Client, Factor, Purpose, StepUp
from tests.fakes.bankid_scene import COMPUTER, DOMAIN, WORDS, step_up_for

NOW = 1_789_000_000_000
SETTINGS = BankIDSettings(certificate="rp.pem", key="rp.key", server_ca="server.pem", people_ca="people.pem")
ASKED = step_up_for(NOW)


def ordered(
    step_up: StepUp = ASKED, factor: Factor | None = None, nonce: str | None = None, **settings: Any
) -> dict[str, Any]:
    return order_of(msgspec.structs.replace(SETTINGS, **settings), DOMAIN, factor or Factor(), step_up, nonce)


@pytest.mark.parametrize(
    ("purpose", "kind"), [(Purpose.DECISION, "sign"), (Purpose.SIGN_IN, "auth"), (Purpose.LINK, "auth")]
)
def test_a_decision_is_signed_and_anything_else_is_an_identification(purpose: Purpose, kind: str) -> None:
    assert kind_of(replace(ASKED, purpose=purpose)) == kind


def test_the_words_and_the_hash_are_sent_whole() -> None:
    order = ordered()
    assert b64decode(order["userVisibleData"]).decode() == f"{WORDS}\npay 85 USD"
    assert b64decode(order["userNonVisibleData"]).decode() == ASKED.intent_hash


def test_the_order_is_plain_unless_the_settings_say_more() -> None:
    assert set(ordered()) == {"endUserIp", "userVisibleData", "userNonVisibleData", "web", "returnRisk"}


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.LINK])
def test_an_identification_may_come_without_words_but_never_without_the_hash(purpose: Purpose) -> None:
    order = ordered(replace(ASKED, purpose=purpose, visible=""))
    assert "userVisibleData" not in order
    assert b64decode(order["userNonVisibleData"]).decode() == ASKED.intent_hash


def test_a_signature_without_words_is_refused() -> None:
    with pytest.raises(Refused, match="without words"):
        visible_data(replace(ASKED, visible=" \n"))


@pytest.mark.parametrize(
    ("purpose", "length", "fits"),
    [
        (Purpose.DECISION, 30_000, True),  # 30,000 / 3 * 4 = 40,000 characters
        (Purpose.DECISION, 30_001, False),
        (Purpose.SIGN_IN, 1_125, True),  # 1,125 / 3 * 4 = 1,500 characters
        (Purpose.SIGN_IN, 1_126, False),
    ],
)
def test_words_that_bankid_cannot_show_whole_are_refused_never_cut(purpose: Purpose, length: int, fits: bool) -> None:
    step_up = replace(ASKED, purpose=purpose, visible="x" * length)
    if fits:
        assert b64decode(visible_data(step_up) or "") == b"x" * length
        return
    with pytest.raises(Refused, match="choose another way") as refusal:
        visible_data(step_up)
    assert refusal.value.hint == "text_too_long"


@pytest.mark.parametrize("trick", ["\x00", "\x1b[2J", "\u202e", "\u2066", "\u2028", "\ufeff", "\ud800", "\x85"])
def test_words_that_would_not_look_like_what_is_signed_are_refused(trick: str) -> None:
    with pytest.raises(Refused, match="control characters"):
        visible_data(replace(ASKED, visible=f"pay 85 {trick}USD"))


def test_lines_end_in_one_way() -> None:
    assert b64decode(visible_data(replace(ASKED, visible="a\r\nb\rc\nd\te")) or "") == b"a\nb\nc\nd\te"


def test_an_intent_without_a_hash_is_refused() -> None:
    with pytest.raises(Refused, match="no hash"):
        hidden_data(replace(ASKED, intent_hash=""))


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2.10:443", "hub.example.se"])
def test_a_person_from_nowhere_cannot_be_asked(address: str) -> None:
    with pytest.raises(Misconfigured, match="IP address"):
        ordered(replace(ASKED, client=Client(address)))


@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::1"])
def test_the_persons_address_is_told(address: str) -> None:
    assert ordered(replace(ASKED, client=Client(address)))["endUserIp"] == address


def test_the_browser_is_told_with_the_hubs_domain() -> None:
    web = ordered()["web"]
    assert (web["referringDomain"], web["userAgent"]) == (DOMAIN, COMPUTER.user_agent)
    assert len(web["deviceIdentifier"]) == 64


def test_a_long_user_agent_is_cut_to_what_bankid_takes() -> None:
    assert ordered(replace(ASKED, client=Client("192.0.2.10", "x" * 300)))["web"]["userAgent"] == "x" * 256


def test_two_browsers_have_two_identifiers_and_one_has_the_same_twice() -> None:
    others = [ordered(replace(ASKED, client=Client("192.0.2.10", agent))) for agent in ("a", "a", "b")]
    identifiers = [order["web"]["deviceIdentifier"] for order in others]
    assert identifiers[0] == identifiers[1] != identifiers[2]


@pytest.mark.parametrize(
    ("agent", "system", "model"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile", "Android 14", "Pixel 8"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148", "iOS 17.4", "iPhone"),
        ("curl/8", "unknown", "unknown"),
    ],
)
def test_an_app_is_told_instead_of_a_browser_where_the_hub_has_one(agent: str, system: str, model: str) -> None:
    order = ordered(replace(ASKED, client=Client("192.0.2.10", agent)), app_identifier="se.example.hub")
    assert "web" not in order
    assert order["app"]["appIdentifier"] == "se.example.hub"
    assert (order["app"]["deviceOS"], order["app"]["deviceModelName"]) == (system, model)


def test_every_requirement_has_its_setting() -> None:
    order = ordered(
        replace(ASKED, most_risk="low"),
        Factor({"personal_number": "199001011239"}),
        only=("mobile",),
        pin_code=True,
        mrtd=True,
        card_reader="class2",
    )
    assert order["requirement"] == {
        "personalNumber": "199001011239",
        "certificatePolicies": ["1.2.752.78.1.5"],
        "pinCode": True,
        "mrtd": True,
        "cardReader": "class2",
        "risk": "low",
    }


@pytest.mark.parametrize("number", [None, "", "9001011239", "1990-01-01", 199001011239])
def test_only_a_whole_personal_number_is_required(number: object) -> None:
    assert "requirement" not in ordered(factor=Factor({"personal_number": number}))


@pytest.mark.parametrize(
    ("ask_risk", "most_risk", "asked"),
    [(True, None, True), (False, None, False), (False, "moderate", True)],
)
def test_the_risk_is_asked_for_where_anything_depends_on_it(ask_risk: bool, most_risk: str | None, asked: bool) -> None:
    assert ("returnRisk" in ordered(replace(ASKED, most_risk=most_risk), ask_risk=ask_risk)) is asked


def test_the_return_url_carries_the_nonce_where_no_server_sees_it() -> None:
    assert ordered(nonce="n0nce")["returnUrl"] == f"{ASKED.return_url}#return_nonce=n0nce"
    assert "returnUrl" not in ordered()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hub.example.se/a?b=c", "https://hub.example.se/a?b=c#return_nonce=n"),
        ("https://hub.example.se/a#there", "https://hub.example.se/a#there&return_nonce=n"),
    ],
)
def test_a_fragment_that_was_there_stays(url: str, expected: str) -> None:
    assert return_url(url, "n") == expected
