"""What an endpoint is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
import pytest
from aiohttp import web

from notify.delivery import AddressGone, Cause, Delivered, Delivery, Failed, TryLater
from notify.guarded import guarded_session
from notify.message import Event
from notify.webhook import THROTTLED, Webhook, WebhookSettings
from tests.contracts.channels.numbered import event
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_webhook import OTHER_SECRET, SECRET, endpoint, settings
from tests.fakes.tls import Authority
from tests.fakes.webhook_receiver import WebhookReceiver

PATH = "/hooks/7f3a91c0de"


class Answering(WebhookReceiver):
    """Answers as the test says, whatever it is asked."""

    response: web.Response | None = None

    async def answer(self, request: web.Request) -> web.Response:
        return self.response or await super().answer(request)


class Scene:
    """A receiver and the channel."""

    def __init__(self, server: Answering, channel: Webhook) -> None:
        self.server = server
        self.channel = channel

    async def send(self, *secrets: str, message: Event | None = None) -> Delivery:
        url = f"{self.server.base_url}{PATH}"
        return await self.channel.send(endpoint(url, *secrets), message or event())


@asynccontextmanager
async def scene(response: web.Response | None = None, **changes: Any) -> AsyncIterator[Scene]:
    authority = Authority()
    server = Answering(authority, now=START)
    server.response = response
    server.secrets[PATH] = SECRET
    await server.open()
    opened = partial(guarded_session, tls=authority.trusting())
    channel = Webhook(settings(server, **changes), clock=lambda: START, open_session=opened)
    yield Scene(server, channel)
    await channel.close()
    await server.close()


async def answered(status: int, headers: dict[str, str] | None = None) -> Delivery:
    async with scene(web.Response(status=status, headers=headers)) as found:
        return await found.send()


async def test_an_event_arrives_signed_with_its_id_and_the_time_of_the_attempt() -> None:
    async with scene() as found:
        message = event()
        assert await found.send(message=message) == Delivered()
        (arrival,) = found.server.arrived
    assert (arrival.headers["webhook-id"], arrival.headers["webhook-timestamp"]) == (message.id, str(START // 1000))
    assert arrival.headers["Content-Type"] == "application/json"
    assert arrival.body["type"] == "escalation.approved"


@pytest.mark.parametrize("secrets", [(SECRET,), (OTHER_SECRET, SECRET), (SECRET, OTHER_SECRET)])
async def test_a_receiver_that_knows_one_of_two_live_secrets_takes_the_event(secrets: tuple[str, ...]) -> None:
    async with scene() as found:
        assert await found.send(*secrets) == Delivered()


async def test_a_receiver_that_knows_neither_refuses_it() -> None:
    async with scene() as found:
        result = await found.send(OTHER_SECRET)
    assert isinstance(result, Failed)
    assert result.cause is Cause.SETTINGS


async def test_no_secret_is_sent() -> None:
    async with scene() as found:
        await found.send()
        (request,) = found.server.seen
        assert SECRET.removeprefix("whsec_") not in str(request.raw_headers) + str(request.url)


def told(result: Delivery) -> str:
    return result.cause.value if isinstance(result, Failed) else type(result).__name__


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, "Delivered"),
        (204, "Delivered"),
        (299, "Delivered"),
        (301, "settings"),
        (307, "settings"),
        (400, "permanent"),
        (401, "settings"),
        (403, "settings"),
        (404, "settings"),
        (408, "TryLater"),
        (410, "AddressGone"),
        (413, "permanent"),
        (422, "permanent"),
        (425, "TryLater"),
        (429, "TryLater"),
        (500, "TryLater"),
        (502, "TryLater"),
        (504, "TryLater"),
    ],
)
async def test_a_status_means_what_standard_webhooks_says(status: int, means: str) -> None:
    assert told(await answered(status)) == means


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "7"}, 7.0), (429, {}, THROTTLED), (503, {"Retry-After": "120"}, 120.0)],
)
async def test_a_receiver_is_given_the_time_that_it_asks_for(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    result = await answered(status, headers)
    assert isinstance(result, TryLater)
    assert result.after == seconds


@pytest.mark.parametrize("target", ["/elsewhere", "http://169.254.169.254/latest/meta-data/", "https://evil.example/"])
async def test_a_redirect_does_not_take_the_event_inside_or_elsewhere(target: str) -> None:
    async with scene(web.Response(status=307, headers={"Location": target})) as found:
        assert told(await found.send()) == "settings"
        assert [request.path for request in found.server.seen] == [PATH]


async def test_an_inner_receiver_is_not_reached_unless_the_settings_allow_its_network() -> None:
    async with scene(private_networks=()) as found:
        assert isinstance(await found.send(), AddressGone)
        named = endpoint(f"https://localhost:{found.server.port}{PATH}")
        result = await found.channel.send(named, event())
        assert isinstance(result, Failed)
        assert (result.cause, found.server.seen) == (Cause.PERMANENT, [])


async def test_what_a_receiver_answers_is_not_told() -> None:
    async with scene(web.Response(status=400, text="inner secret", reason="inner secret")) as found:
        assert "inner secret" not in repr(await found.send())


async def test_an_event_that_is_too_large_is_not_sent() -> None:
    async with scene() as found:
        result = await found.send(message=event(text="x" * 300_000))
        assert isinstance(result, Failed)
        assert (result.cause, found.server.seen) == (Cause.PERMANENT, [])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"ports": [0]}, "ports"),
        ({"ports": [70000]}, "ports"),
        ({"private_networks": ["10.0.0.1/8"]}, "host bits"),
        ({"private_networks": ["everything"]}, "everything"),
        ({"follow_redirects": True}, "unknown field"),
    ],
)
def test_settings_that_are_unsafe_or_unknown_are_refused(table: dict[str, Any], told: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(table, WebhookSettings)


def test_no_inner_network_is_allowed_unless_somebody_says_so() -> None:
    assert WebhookSettings().allowed() == ()
