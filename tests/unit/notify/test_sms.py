"""Short texts to phones: what they may cost, who they come from, and what a vendor is told of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from notify.delivery import Cause, Delivered, Failed
from notify.sms import Sms, SmsSettings
from tests.contracts.channels.numbered import short
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_sms import settings, tables
from tests.fakes.sms_gateway import PASSWORD, SmsGateway

NUMBER = "+46701234567"


@asynccontextmanager
async def set_up(kind: str, **changes: Any) -> AsyncIterator[tuple[SmsGateway, Sms]]:
    server = SmsGateway(kind)
    await server.open()
    async with ClientSession() as session:
        yield server, Sms(settings(kind, server.base_url, **changes), session=session, clock=lambda: START)
    await server.close()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("46elks", {"from": "Acme", "to": NUMBER, "message": "Hej", "dontlog": "message"}),
        ("twilio", {"From": "Acme", "To": NUMBER, "Body": "Hej"}),
        (
            "vonage",
            {
                "channel": "sms",
                "message_type": "text",
                "from": "Acme",
                "to": "46701234567",
                "text": "Hej",
                "client_ref": "msg_x",
            },
        ),
        ("http", {"sender": "Acme", "recipient": NUMBER, "message": "Hej", "reference": "msg_x", "flash": False}),
    ],
)
async def test_each_vendor_is_told_what_it_wants_to_know_and_no_more(kind: str, fields: dict[str, Any]) -> None:
    async with set_up(kind) as (server, sms):
        assert isinstance(await sms.send(NUMBER, short(id="msg_x", text="Hej")), Delivered)
    assert server.arrived[0].body == fields


@pytest.mark.parametrize(("text", "type_"), [("Hej å€", "text"), ("Привет", "unicode"), ("🙂", "unicode")])
async def test_legacy_vonage_is_told_of_letters_beside_the_gsm_alphabet(text: str, type_: str) -> None:
    async with set_up("vonage_legacy") as (server, sms):
        await sms.send(NUMBER, short(text=text))
    assert (server.arrived[0].body["type"], server.arrived[0].text) == (type_, text)


async def test_a_message_that_is_sent_again_has_the_same_key_in_a_header() -> None:
    async with set_up("http") as (server, sms):
        message = short()
        await sms.send(NUMBER, message)
        await sms.send(NUMBER, message)
    assert [arrival.headers["Idempotency-Key"] for arrival in server.arrived] == [message.id] * 2


@pytest.mark.parametrize(("length", "sent"), [(160, True), (459, True), (460, False)])  # 3 × 153
async def test_a_text_that_costs_more_than_allowed_is_not_sent(length: int, sent: bool) -> None:
    async with set_up("46elks") as (server, sms):
        result = await sms.send(NUMBER, short(text="a" * length))
    assert isinstance(result, Delivered if sent else Failed)
    assert len(server.arrived) == sent
    if isinstance(result, Failed):
        assert (result.cause, "4 messages" in result.why) == (Cause.PERMANENT, True)


@pytest.mark.parametrize(("kind", "sender"), [("46elks", "+46766861004"), ("vonage", "46766861004")])
async def test_a_sender_that_is_a_number_is_written_as_the_vendor_writes_numbers(kind: str, sender: str) -> None:
    server = SmsGateway(kind)
    await server.open()
    found = msgspec.structs.replace(settings(kind, server.base_url), sender="+46766861004")
    async with ClientSession() as session:
        await Sms(found, session=session, clock=lambda: START).send(NUMBER, short())
    await server.close()
    assert server.arrived[0].body["from"] == sender


async def test_a_title_is_not_sent() -> None:
    async with set_up("46elks") as (server, sms):
        await sms.send(NUMBER, short(title="A title", text="A text"))
    assert server.arrived[0].text == "A text"


async def test_a_gateway_whose_place_does_not_exist_is_for_an_operator() -> None:
    async with set_up("http") as (server, _), ClientSession() as session:
        elsewhere = settings("http", server.base_url, url=f"{server.base_url}/nowhere")
        result = await Sms(elsewhere, session=session, clock=lambda: START).send(NUMBER, short())
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS


def table(**changes: Any) -> dict[str, Any]:
    gateway = {"kind": "46elks", **tables("https://api.46elks.com")["46elks"]}
    return {"sender": "Acme", "gateway": gateway, **changes}


@pytest.mark.parametrize("sender", ["Acme", "ACME 24", "+46701234567", "71500", "a1b"])
def test_a_sender_is_a_name_a_number_or_a_short_code(sender: str) -> None:
    assert msgspec.convert(table(sender=sender), SmsSettings).sender == sender


@pytest.mark.parametrize(
    "sender",
    ["", "ab", "Acme Industries", "Åsa", "Acme!", " Acme", "+46", "123456789012", "a\r\nb", "Acme\n", "{text}"],
)
def test_a_sender_that_operators_would_change_is_refused(sender: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="regex"):
        msgspec.convert(table(sender=sender), SmsSettings)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"gateway": {"kind": "smoke"}}, "Invalid value 'smoke'"),
        ({"gateway": {"username": "u", "password": "p"}}, "kind"),
        ({"gateway": {"kind": "46elks", "username": "u"}}, "password"),
        ({"gateway": {"kind": "vonage_legacy", "api_key": "{x}", "api_secret": "s"}}, "in braces"),
        ({"most_parts": 0}, ">= 1"),
        ({"most_parts": 11}, "<= 10"),
        ({"premium": True}, "unknown field"),
    ],
)
def test_settings_that_are_half_or_unknown_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(table(**changes), SmsSettings)


def test_settings_do_not_show_their_secrets() -> None:
    assert PASSWORD not in repr(msgspec.convert(table(), SmsSettings))
