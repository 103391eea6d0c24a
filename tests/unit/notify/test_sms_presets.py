"""What each known gateway is asked, and what its codes mean."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from notify.exchange import Answer
from notify.sms_answer import judged
from notify.sms_presets import Elks, Preset, Twilio, Vonage, VonageLegacy
from tests.fakes.sms_gateway import ACCOUNT, PASSWORD, USER
from tests.unit.notify.test_sms_answer import NOW, kind

ELKS = Elks(username=USER, password=PASSWORD)
TWILIO = Twilio(account_sid=ACCOUNT, username=USER, password=PASSWORD)
VONAGE = Vonage(api_key=USER, api_secret=PASSWORD)
LEGACY = VonageLegacy(api_key=USER, api_secret=PASSWORD)
EVERY: tuple[Preset, ...] = (ELKS, TWILIO, VONAGE, LEGACY)


@pytest.mark.parametrize(
    ("preset", "url"),
    [
        (ELKS, "https://api.46elks.com/a1/sms"),
        (TWILIO, f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"),
        (VONAGE, "https://api.nexmo.com/v1/messages"),
        (LEGACY, "https://rest.nexmo.com/sms/json"),
    ],
)
def test_each_is_asked_at_its_vendors_address(preset: Preset, url: str) -> None:
    assert preset.gateway().url == url


def test_46elks_keeps_no_text_unless_it_is_asked_to() -> None:
    assert ELKS.gateway().body["dontlog"] == "message"
    assert "dontlog" not in Elks(username=USER, password=PASSWORD, keep_text=True).gateway().body


def test_twilio_sends_from_a_service_where_one_is_set_and_else_from_the_sender() -> None:
    service = "MG" + "0" * 32
    asked = Twilio(account_sid=ACCOUNT, username=USER, password=PASSWORD, messaging_service_sid=service).gateway().body
    assert (asked.get("MessagingServiceSid"), asked.get("From")) == (service, None)
    assert TWILIO.gateway().body["From"] == "{from}"


def test_twilio_discards_texts_only_where_it_is_asked_to_as_it_refuses_that_by_default() -> None:
    discarding = Twilio(account_sid=ACCOUNT, username=USER, password=PASSWORD, discard_text=True)
    assert discarding.gateway().body["ContentRetention"] == "discard"
    assert "ContentRetention" not in TWILIO.gateway().body


def legacy(status: str) -> Any:
    return {"message-count": "1", "messages": [{"status": status, "error-text": "x", "message-id": "A1"}]}


def vonage(code: int) -> Any:
    return {"type": f"https://developer.vonage.com/api-errors/messages#{code}", "title": "x"}


@pytest.mark.parametrize(
    ("preset", "status", "body", "means"),
    [
        (ELKS, 200, {"id": "s1", "status": "created"}, "Delivered"),
        (ELKS, 401, "API access requires Basic HTTP authentication.", "settings"),
        (ELKS, 402, "Not enough credits", "settings"),
        (ELKS, 400, "Invalid to number", "permanent"),
        (ELKS, 500, "", "TryLater"),
        (TWILIO, 201, {"sid": "SM1", "status": "queued"}, "Delivered"),
        (TWILIO, 200, {"sid": "SM1", "status": "queued"}, "TryLater"),  # created is 201
        (TWILIO, 400, {"code": 21211, "status": 400}, "AddressGone"),
        (TWILIO, 400, {"code": 21610, "status": 400}, "AddressGone"),
        (TWILIO, 400, {"code": 21614, "status": 400}, "AddressGone"),
        (TWILIO, 403, {"code": 21408, "status": 403}, "settings"),
        (TWILIO, 400, {"code": 21606, "status": 400}, "settings"),
        (TWILIO, 400, {"code": 30029, "status": 400}, "settings"),
        (TWILIO, 401, {"code": 20003, "status": 401}, "settings"),
        (TWILIO, 429, {"code": 20429, "status": 429}, "TryLater"),
        (TWILIO, 400, {"code": 21617, "status": 400}, "permanent"),  # the text is too long
        (VONAGE, 202, {"message_uuid": "aaaa-bbbb"}, "Delivered"),
        (VONAGE, 422, vonage(1050), "AddressGone"),
        (VONAGE, 422, vonage(1020), "permanent"),
        (VONAGE, 422, vonage(1120), "settings"),
        (VONAGE, 401, {"type": "https://developer.vonage.com/api-errors#unauthorized"}, "settings"),
        (VONAGE, 402, {"type": "https://developer.vonage.com/api-errors#low-balance"}, "settings"),
        (VONAGE, 429, vonage(1000), "TryLater"),
        (VONAGE, 500, {}, "TryLater"),
        (LEGACY, 200, legacy("0"), "Delivered"),
        (LEGACY, 200, legacy("1"), "TryLater"),
        (LEGACY, 200, legacy("2"), "permanent"),
        (LEGACY, 200, legacy("3"), "permanent"),
        (LEGACY, 200, legacy("4"), "settings"),
        (LEGACY, 200, legacy("5"), "TryLater"),
        (LEGACY, 200, legacy("6"), "permanent"),
        (LEGACY, 200, legacy("7"), "AddressGone"),
        (LEGACY, 200, legacy("9"), "settings"),
        (LEGACY, 200, legacy("15"), "settings"),
        (LEGACY, 200, legacy("29"), "settings"),
        (LEGACY, 200, legacy("33"), "AddressGone"),
        (LEGACY, 200, {"messages": []}, "TryLater"),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, Preset) else None,
)
def test_an_answer_means_what_the_vendor_says(preset: Preset, status: int, body: Any, means: str) -> None:
    raw = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    assert kind(judged(preset.gateway(), Answer(status, {}, raw), now=NOW)) == means


@pytest.mark.parametrize("preset", EVERY, ids=lambda it: type(it).__name__)
def test_the_host_can_be_another_but_is_always_safe(preset: Preset) -> None:
    table = {**msgspec.to_builtins(preset), "base_url": "https://sms.eu.example/"}
    assert msgspec.convert(table, type(preset)).gateway().url.startswith("https://sms.eu.example/")
    with pytest.raises(msgspec.ValidationError, match="https"):
        msgspec.convert({**table, "base_url": "http://sms.example"}, type(preset))


@pytest.mark.parametrize("account", ["AC1", "ac" + "0" * 32, f"{ACCOUNT}/../x", f"{ACCOUNT}\n", "{to}"])
def test_an_account_that_would_lead_elsewhere_is_refused(account: str) -> None:
    table = {"kind": "twilio", "account_sid": account, "username": USER, "password": PASSWORD}
    with pytest.raises(msgspec.ValidationError, match="regex"):
        msgspec.convert(table, Twilio)


def test_a_key_that_reads_like_a_place_for_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="in braces"):
        VonageLegacy(api_key="{text}", api_secret="{nobody}").gateway()


def test_no_preset_shows_its_secrets() -> None:
    assert PASSWORD not in repr(EVERY)
