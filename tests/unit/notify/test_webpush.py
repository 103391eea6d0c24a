"""What a push service is asked, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, TCPConnector, web

from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.message import Notice, Urgency
from notify.webpush import LONGEST_LIFE, THROTTLED, WELL_KNOWN, HostList, WebPush, WebPushSettings, topic
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, TEXT
from tests.contracts.channels.stage_webpush import CONTACT, KEY, PUBLIC, settings
from tests.fakes.push_service import Browser, PushService
from tests.fakes.tls import Authority


class Answering(PushService):
    """Answers as the test says, whatever it is asked."""

    response: web.Response | None = None

    async def answer(self, request: web.Request) -> web.Response:
        return self.response or await super().answer(request)


class Scene:
    """A browser, its push service and the channel."""

    def __init__(self, server: Answering, browser: Browser, channel: WebPush) -> None:
        self.server = server
        self.browser = browser
        self.channel = channel

    async def send(self, message: Notice | None = None) -> Delivery:
        return await self.channel.send(self.browser.subscription, message or notice())


@asynccontextmanager
async def scene(response: web.Response | None = None, sender: str = PUBLIC) -> AsyncIterator[Scene]:
    authority = Authority()
    server = Answering(authority, sender, now=START)
    server.response = response
    await server.open()
    browser = server.subscribe("anna")
    server.keep_browser(browser)
    async with ClientSession(connector=TCPConnector(ssl=authority.trusting())) as session:
        yield Scene(server, browser, WebPush(settings(server.host), session=session, clock=lambda: START))
    await server.close()


async def answered(status: int, headers: dict[str, str] | None = None) -> Delivery:
    async with scene(web.Response(status=status, headers=headers)) as found:
        return await found.send()


async def test_the_headers_say_how_long_how_soon_and_which_is_replaced() -> None:
    async with scene() as found:
        await found.send(notice(expires_at=START + 61_999, urgency=Urgency.LOW, collapse_key="esc_7"))
        (arrival,) = found.server.arrived
    assert {name: arrival.headers[name] for name in ("TTL", "Urgency", "Topic", "Content-Encoding")} == {
        "TTL": "61",  # of 61.999 s: never longer than the question lives
        "Urgency": "low",
        "Topic": topic("esc_7"),
        "Content-Encoding": "aes128gcm",
    }


@pytest.mark.parametrize(("end", "ttl"), [(None, LONGEST_LIFE), (START + 10**10, LONGEST_LIFE), (START + 1, 0)])
async def test_no_message_is_kept_longer_than_services_keep_one(end: int | None, ttl: int) -> None:
    async with scene() as found:
        await found.send(notice(expires_at=end))
        assert found.server.arrived[0].headers["TTL"] == str(ttl)


async def test_a_topic_tells_the_service_nothing_and_is_the_same_for_the_same_question() -> None:
    assert topic("esc_7") == topic("esc_7") != topic("esc_8")
    assert "esc" not in topic("esc_7")
    assert len(topic("esc_7")) == 32


async def test_the_push_service_sees_nothing_of_what_is_said() -> None:
    async with scene() as found:
        await found.send(notice(text=TEXT, reference="esc_7", collapse_key="esc_7", sealed=b"sealed bytes"))
        (request,) = found.server.seen
        seen = str(request.url) + str(request.raw_headers) + str(await request.read())
    assert [part for part in (TEXT, "48151623", "esc_7", "Robot", "sealed", "hub.example.se") if part in seen] == []


async def test_the_key_stays_here_and_its_public_half_is_what_pages_subscribe_with() -> None:
    async with scene() as found:
        await found.send()
        assert found.channel.public_key == PUBLIC
        assert KEY not in str(found.server.seen[0].raw_headers)


def told(result: Delivery) -> str:
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (201, "Delivered"),
        (202, "Delivered"),
        (200, "TryLater"),
        (204, "TryLater"),
        (301, "settings"),
        (307, "settings"),
        (400, "permanent"),
        (401, "settings"),
        (403, "settings"),
        (404, "AddressGone"),
        (405, "settings"),
        (410, "AddressGone"),
        (413, "permanent"),
        (429, "TryLater"),
        (500, "TryLater"),
        (503, "TryLater"),
    ],
)
async def test_a_status_means_what_the_rfc_says(status: int, means: str) -> None:
    assert told(await answered(status)) == means


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "7"}, 7.0), (429, {}, THROTTLED), (503, {"Retry-After": "120"}, 120.0)],
)
async def test_a_service_is_given_the_time_that_it_asks_for(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    result = await answered(status, headers)
    assert isinstance(result, TryLater)
    assert (result.after, result.perhaps_sent) == (seconds, False)


@pytest.mark.parametrize(
    ("headers", "id_"),
    [
        ({"Location": "https://push.example/m/0:15%5641"}, "0:15%5641"),
        ({"apns-id": "1234-ABCD"}, "1234-ABCD"),
        ({"Location": "https://push.example/m/a b"}, None),
        ({"Location": "https://push.example/"}, None),
        ({}, None),
    ],
)
async def test_the_result_names_the_message_as_the_service_does(headers: dict[str, str], id_: str | None) -> None:
    assert await answered(201, headers) == Delivered(id_)


async def test_a_key_that_subscriptions_were_not_made_for_is_an_operators_to_mend() -> None:
    async with scene(sender="B" * 87) as found:
        result = await found.send()
    assert isinstance(result, Failed)
    assert (result.cause, result.of_address) == (Cause.SETTINGS, True)


async def test_a_redirect_does_not_take_the_message_and_the_token_to_another_host() -> None:
    async with scene(web.Response(status=307, headers={"Location": "/push/elsewhere"})) as found:
        await found.send()
        assert [request.path for request in found.server.seen] == ["/push/anna"]


async def test_a_message_larger_than_services_take_is_not_sent() -> None:
    async with scene() as found:
        result = await found.send(notice(text="x" * 4000))
        assert isinstance(result, Failed)
        assert (result.cause, found.server.seen) == (Cause.PERMANENT, [])


async def test_the_largest_sealed_payload_has_room_beside_a_short_text() -> None:
    async with scene() as found:
        assert isinstance(await found.send(notice(sealed=b"x" * 2048)), Delivered)


async def test_an_endpoint_of_a_service_that_the_settings_do_not_name_is_asked_nothing() -> None:
    async with scene() as found:
        others = json.loads(found.browser.subscription) | {"endpoint": "https://169.254.169.254/latest/meta-data/"}
        assert isinstance(await found.channel.send(json.dumps(others), notice()), AddressGone)
        assert found.server.seen == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/cX:APA91b_x-1",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAAB",
        "https://web.push.apple.com/QGu5_x",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYA%2fx%2b",
    ],
)
def test_the_services_of_the_common_browsers_are_known(endpoint: str) -> None:
    assert HostList(WELL_KNOWN).origin(endpoint) is not None


def table(**changes: Any) -> dict[str, Any]:
    return {"private_key": KEY, "contact": CONTACT, **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"private_key": "AAAA"}, "base64url"),
        ({"contact": "mailto:x@localhost"}, "contact"),
        ({"hosts": ["*"]}, "no host"),
        ({"hosts": ["https://push.example"]}, "no host"),
        ({"any_host": True}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_unknown_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told) as refusal:
        msgspec.convert(table(**changes), WebPushSettings)
    assert KEY not in str(refusal.value)


def test_settings_do_not_show_their_key() -> None:
    assert KEY not in repr(msgspec.convert(table(), WebPushSettings))
