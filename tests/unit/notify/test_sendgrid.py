"""What SendGrid is asked, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web

from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.sendgrid import EUROPE, THROTTLED, SendGrid, SendGridSettings, mail_send
from tests.contracts.channels.numbered import mail
from tests.contracts.channels.stage import START
from tests.fakes.sendgrid import KEY, SendGridServer, refused
from tests.fakes.trouble import Trouble


class Answering(SendGridServer):
    """Answers as the test says, whatever it is asked."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self._response = response

    async def answer(self, request: web.Request) -> web.Response:
        return self._response


@asynccontextmanager
async def set_up(server: SendGridServer, **changes: Any) -> AsyncIterator[SendGrid]:
    await server.open()
    table = {"api_key": KEY, "sender": "hub@example.se", "base_url": server.base_url, **changes}
    async with ClientSession() as session:
        yield SendGrid(msgspec.convert(table, SendGridSettings), session=session, clock=lambda: START)
    await server.close()


async def answered(response: web.Response) -> Delivery:
    async with set_up(Answering(response)) as sendgrid:
        return await sendgrid.send("anna@example.se", mail())


def test_the_body_has_one_receiver_both_texts_and_no_tracking() -> None:
    settings = SendGridSettings(api_key=KEY, sender="hub@example.se", sender_name="Acme", reply_to="svar@example.se")
    message = mail(id="msg_1", subject="En kod", text="Hej", html="<p>Hej</p>", language="sv")
    assert mail_send(message, settings.writer(), "anna@example.se") == {
        "personalizations": [{"to": [{"email": "anna@example.se"}], "custom_args": {"id": "msg_1"}}],
        "from": {"email": "hub@example.se", "name": "Acme"},
        "reply_to": {"email": "svar@example.se"},
        "subject": "En kod",
        "content": [{"type": "text/plain", "value": "Hej"}, {"type": "text/html", "value": "<p>Hej</p>"}],
        "headers": {"Auto-Submitted": "auto-generated", "Content-Language": "sv"},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
        },
    }


def test_a_mail_without_html_has_one_content() -> None:
    settings = SendGridSettings(api_key=KEY, sender="hub@example.se")
    body = mail_send(mail(html=None), settings.writer(), "anna@example.se")
    assert [content["type"] for content in body["content"]] == ["text/plain"]
    assert body["from"] == {"email": "hub@example.se"}
    assert "reply_to" not in body


async def test_the_result_names_the_x_message_id() -> None:
    assert await answered(web.Response(status=202, headers={"X-Message-Id": "14c5d75ce93"})) == Delivered("14c5d75ce93")


async def test_a_message_that_was_taken_without_a_sound_id_is_delivered_without() -> None:
    assert await answered(web.Response(status=202)) == Delivered(None)
    assert await answered(web.Response(status=202, headers={"X-Message-Id": "a b <c>"})) == Delivered(None)


def told(result: Delivery) -> str:
    """One word for a result."""
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


ADDRESS = "Does not contain a valid address."


@pytest.mark.parametrize(
    ("response", "means"),
    [
        (refused(400, ADDRESS, "personalizations.0.to.0.email"), "AddressGone"),
        (refused(400, ADDRESS, "personalizations[0].to[0].email"), "AddressGone"),
        (refused(400, "required", "subject"), "permanent"),
        (refused(400, "bad request", None), "permanent"),
        (refused(400, "invalid", "from.email"), "settings"),
        (web.Response(status=400, text="<html>"), "permanent"),
        (web.json_response({"errors": "none"}, status=400), "permanent"),
        (web.json_response([{"errors": []}], status=400), "permanent"),
        (web.json_response({"errors": [None, {"field": 7}, {"field": "a\r\nb"}]}, status=400), "permanent"),
        (refused(401, "The provided authorization grant is invalid, expired, or revoked", None), "settings"),
        (refused(401, "Maximum credits exceeded", None), "settings"),
        (refused(403, "The from address does not match a verified Sender Identity.", "from"), "settings"),
        (refused(404, "not found", None), "settings"),
        (refused(405, "method not allowed", None), "settings"),
        (refused(451, "Unavailable due to data residency restrictions", None), "settings"),
        (web.Response(status=307, headers={"Location": "https://evil.example/"}), "settings"),
        (refused(413, "The payload is too large", None), "permanent"),
        (refused(415, "unsupported media type", None), "permanent"),
        (refused(429, "too many requests", None), "TryLater"),
        (web.Response(status=500), "TryLater"),
        (web.Response(status=503), "TryLater"),
        (web.Response(status=200, text="{}"), "TryLater"),
        (web.Response(status=204), "TryLater"),
    ],
    ids=lambda it: it if isinstance(it, str) else str(it.status),
)
async def test_a_status_means_what_the_reference_says(response: web.Response, means: str) -> None:
    assert told(await answered(response)) == means


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": str(START // 1000 + 42)}, 42.0),
        ({"X-RateLimit-Reset": str(START // 1000 - 5)}, 1.0),
        ({"X-RateLimit-Reset": "soon"}, THROTTLED),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "9"}, 9.0),
        ({}, THROTTLED),
    ],
)
async def test_a_throttled_message_waits_until_the_limit_is_reset(headers: dict[str, str], seconds: float) -> None:
    result = await answered(refused(429, "too many requests", None, headers))
    assert isinstance(result, TryLater)
    assert result.after == seconds


async def test_a_status_that_mail_send_does_not_have_leaves_open_whether_it_was_taken() -> None:
    result = await answered(web.Response(status=200))
    assert isinstance(result, TryLater)
    assert result.perhaps_sent


async def test_a_refusal_that_quotes_the_address_is_told_without_it() -> None:
    result = await answered(refused(400, "anna@example.se is bad", "personalizations.0.to.0.email"))
    assert isinstance(result, AddressGone)
    assert "anna" not in result.why


async def test_a_sender_that_is_not_verified_is_for_an_operator() -> None:
    async with set_up(SendGridServer(sender="other@example.se")) as sendgrid:
        result = await sendgrid.send("anna@example.se", mail())
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS


async def test_the_key_is_never_sent_in_a_body_or_a_url() -> None:
    server = SendGridServer()
    async with set_up(server) as sendgrid:
        await sendgrid.send("anna@example.se", mail())
        with server.plays(Trouble.REFUSES_US):
            await sendgrid.send("anna@example.se", mail())
    assert KEY not in str(server.arrived[0].body)
    assert {str(request.rel_url) for request in server.seen} == {"/v3/mail/send"}


def table(**changes: Any) -> dict[str, Any]:
    return {"api_key": KEY, "sender": "hub@example.se", **changes}


def test_the_european_region_is_another_host() -> None:
    assert msgspec.convert(table(base_url=EUROPE), SendGridSettings).base_url == "https://api.eu.sendgrid.com"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"api_key": ""}, "regex"),
        ({"api_key": "SG.a\r\nX-Evil: 1"}, "regex"),
        ({"api_key": "SG.a\n"}, "regex"),
        ({"sender": "hub"}, "stands"),
        ({"base_url": "http://api.sendgrid.com"}, "https"),
        ({"base_url": "https://user@api.sendgrid.com"}, "neither user"),
        ({"tracking": True}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_unknown_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(table(**changes), SendGridSettings)


def test_settings_do_not_show_their_key() -> None:
    assert KEY not in repr(msgspec.convert(table(), SendGridSettings))
