"""How the hub calls vendors: to the host that was named and to no other, without cookies, in bounded time."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectorError, web
from aiohttp.test_utils import TestServer

from approvals_hub.core.errors import Invalid
from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub.outbound import (
    HOST_CONNECTIONS,
    VENDOR_CONNECTIONS,
    VENDOR_SECONDS,
    GuardedMaker,
    stranger_session,
    vendor_session,
)
from notify.delivery import Failed, TryLater
from notify.guarded import Forbidden
from notify.relay import RelaySettings
from tests.fakes.google_push import service_account

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def heard() -> AsyncIterator[tuple[TestServer, list[web.Request]]]:
    """A vendor that sets a cookie, and what it was asked."""
    requests: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        requests.append(request)
        response = web.Response(text="here")
        response.set_cookie("tracks", "you")
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    yield server, requests
    await server.close()


async def test_no_cookie_of_a_vendor_is_sent_back_to_it(heard: tuple[TestServer, list[web.Request]]) -> None:
    server, requests = heard
    async with vendor_session() as session:
        for _ in range(2):
            async with session.get(server.make_url("/")) as response:
                assert await response.text() == "here"
    assert [request.headers.get("Cookie") for request in requests] == [None, None]


async def test_the_hub_says_who_it_is_and_nothing_of_its_version(
    heard: tuple[TestServer, list[web.Request]],
) -> None:
    server, requests = heard
    async with vendor_session() as session, session.get(server.make_url("/")):
        assert requests[0].headers["User-Agent"] == "approvals-hub"


async def test_a_proxy_of_the_environment_sees_no_call_to_a_vendor(
    heard: tuple[TestServer, list[web.Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, requests = heard
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    async with vendor_session() as session, session.get(server.make_url("/")) as response:
        assert response.status == 200
    assert len(requests) == 1


async def test_a_whole_call_is_bounded_in_time_and_all_calls_in_number() -> None:
    async with vendor_session() as session:
        assert session.timeout.total == VENDOR_SECONDS == 10
        assert session.connector is not None
        assert session.connector.limit == VENDOR_CONNECTIONS
        assert session.connector.limit_per_host == HOST_CONNECTIONS


async def test_an_address_that_a_vendor_names_is_called_inside_only_where_the_settings_allow_its_network(
    heard: tuple[TestServer, list[web.Request]],
) -> None:
    server, requests = heard
    async with stranger_session() as session:
        with pytest.raises(ClientConnectorError) as refused:
            await session.get(server.make_url("/"))
        assert isinstance(refused.value.os_error, Forbidden)
    assert requests == []
    async with stranger_session(["127.0.0.0/8"]) as session, session.get(server.make_url("/")) as response:
        assert response.status == 200
    with pytest.raises(ValueError, match="host bits"):
        stranger_session(["10.0.0.1/8"])


def maker(**allowed: Any) -> GuardedMaker:
    return GuardedMaker(OwnChannels(**allowed), lambda: 0, ssl.create_default_context, 1.0)


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        ("slack", {"url": "https://evil.example/x"}, "$.settings.url"),
        ("slack", {"url": "https://hooks.slack.com@evil.example/x"}, "$.settings.url"),
        ("slack", {"url": "https://a.example/x", "hosts": ["*"]}, "$.settings.hosts"),
        ("webhook", {"url": "https://10.0.0.1/x", "secrets": [SECRET]}, "$.settings.url"),
        ("webhook", {"url": "http://a.example/x", "secrets": [SECRET]}, "$.settings.url"),
        ("webhook", {"url": "https://a.example:22/", "secrets": [SECRET]}, "$.settings.url"),
        ("carrier_pigeon", {}, "$.settings"),
    ],
)
async def test_a_room_that_leads_elsewhere_or_inside_is_not_made(
    kind: str, settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await maker().make(kind, settings)
    assert (refused.value.code, refused.value.field) == ("channel_invalid", field)


async def test_an_organisations_relay_is_reached_as_every_address_that_somebody_types() -> None:
    made = await maker().make("relay", {"url": "https://localhost:9"})
    try:
        assert isinstance(await made.channel.rehearse(), Failed | TryLater)
    finally:
        await made.close()
    assert maker().form("relay") is RelaySettings
    with pytest.raises(Invalid):
        await maker().make("relay", {"url": "https://push.example.com/path"})


async def test_what_googles_library_takes_to_load_is_not_waited_for_on_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where: list[int] = []

    class Watch:
        """Sees who loads it first."""

        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "notify.fcm_google":
                where.append(threading.get_ident())

    monkeypatch.delitem(sys.modules, "notify.fcm_google", raising=False)
    sys.meta_path.insert(0, watch := Watch())
    try:
        made = maker()
        account = {"service_account": service_account("https://fcm.googleapis.com")}
        await made.prepare("fcm", account)
        await made.prepare("slack", {})
        parsed = sys.modules["notify.fcm_google"].account_of.cache_info().misses
        channel = await made.make("fcm", account)
        await channel.close()
        assert sys.modules["notify.fcm_google"].account_of.cache_info().misses == parsed == 1, "its key was read before"
    finally:
        sys.meta_path.remove(watch)
    assert len(where) == 1
    assert where[0] != threading.get_ident()


async def test_an_inner_webhook_is_made_where_the_operator_allows_its_network_and_port() -> None:
    settings = {"url": "https://10.0.0.1:9443/x", "secrets": [SECRET]}
    made = await maker(private_networks=["10.0.0.0/8"], ports=(9443,)).make("webhook", settings)
    assert made.channel.name == "webhook"
    await made.close()
    await made.close()
