"""What is kept of a running order, and what of it is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from identity.bankid_api import Order
from identity.bankid_running import Running, auto_start
from identity.proof import Purpose
from tests.fakes.bankid_scene import PHONE, step_up_for

NOW = 1_789_000_000_000
ORDER = Order("131daac9-16c6-4618-beb0-365768f37288", "auto-start-token", "qr-start-token", "qr-start-secret")
ASKED = step_up_for(NOW)
BY_QR = Running.started(ORDER, ASKED, at=NOW, orders=1, return_nonce=None)
FROM_PAGE = Running.started(ORDER, ASKED, at=NOW, orders=1, return_nonce="return-nonce")


@pytest.mark.parametrize("running", [BY_QR, FROM_PAGE, replace(FROM_PAGE, returned=True, proven={"at": 1})])
def test_what_is_kept_comes_back_from_json_as_it_was(running: Running) -> None:
    assert Running.of(json.loads(json.dumps(running.state()))) == running


def test_another_device_is_shown_this_seconds_qr_code_and_no_link() -> None:
    shown = BY_QR.shown(ASKED, NOW + 7_500)
    assert shown["qr"].startswith("bankid.qr-start-token.7.")
    assert "auto_start" not in shown


def test_the_same_device_is_shown_the_link_and_no_qr_code() -> None:
    shown = FROM_PAGE.shown(ASKED, NOW)
    assert shown["auto_start"] == "https://app.bankid.com/?autostarttoken=auto-start-token&redirect=null"
    assert "qr" not in shown


@pytest.mark.parametrize("running", [BY_QR, FROM_PAGE])
@pytest.mark.parametrize("second", [0, 1, 29])
def test_neither_the_qr_secret_nor_the_return_nonce_is_ever_shown(running: Running, second: int) -> None:
    shown = json.dumps(running.shown(ASKED, NOW + second * 1000))
    assert "qr-start-secret" not in shown
    # A page that knew the nonce could send its link to somebody else and answer for them.
    assert "return-nonce" not in shown


@pytest.mark.parametrize("hint", ["started", "userSign", "userMrtd", "unknown"])
def test_an_order_that_somebody_opened_shows_no_way_to_open_it(hint: str) -> None:
    assert not {"qr", "auto_start"} & set(replace(BY_QR, hint=hint).shown(ASKED, NOW))
    assert not {"qr", "auto_start"} & set(replace(FROM_PAGE, hint=hint).shown(ASKED, NOW))


def test_an_order_that_has_lapsed_shows_no_dead_code() -> None:
    assert "qr" not in replace(BY_QR, lapsed=True).shown(ASKED, NOW)


def test_a_signed_order_says_that_the_page_waits_for_the_person_to_come_back() -> None:
    shown = replace(FROM_PAGE, proven={"at": NOW}).shown(ASKED, NOW)
    assert shown["awaits_return"] is True
    assert "auto_start" not in shown


def test_the_message_is_in_the_persons_language() -> None:
    assert BY_QR.shown(ASKED, NOW)["message"] == {"id": "RFA1", "text": "Starta BankID-appen."}
    english = replace(ASKED, language="en")
    assert BY_QR.shown(english, NOW)["message"] == {"id": "RFA1", "text": "Start your BankID app."}


@pytest.mark.parametrize(("purpose", "message"), [(Purpose.DECISION, "RFA9B"), (Purpose.SIGN_IN, "RFA9A")])
def test_the_message_tells_signing_from_identifying(purpose: Purpose, message: str) -> None:
    step_up = replace(ASKED, purpose=purpose, client=PHONE)
    assert replace(FROM_PAGE, hint="userSign").shown(step_up, NOW)["message"]["id"] == message


def test_a_phone_is_told_of_this_device_and_a_computer_of_this_computer() -> None:
    started = replace(FROM_PAGE, hint="started")
    assert started.shown(replace(ASKED, client=PHONE), NOW)["message"]["id"] == "RFA15B"
    assert started.shown(ASKED, NOW)["message"]["id"] == "RFA15A"


def test_a_token_in_the_link_cannot_add_parameters() -> None:
    assert auto_start("a&redirect=https://evil.example") == (
        "https://app.bankid.com/?autostarttoken=a%26redirect%3Dhttps%3A%2F%2Fevil.example&redirect=null"
    )
