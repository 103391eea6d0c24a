"""What somebody types as the address of their hub, and what is there."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from approvals_hub_client import NoHub, find_hub, find_hub_now
from approvals_hub_client.discovery import WELL_KNOWN, address_of
from approvals_hub_client.errors import Refused, Unreachable
from tests.fakes.tls import Authority
from tests.unit.desk import Desk


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hub.example.com", "https://hub.example.com"),
        ("  HUB.example.com/ ", "https://hub.example.com"),
        ("hub.example.com:8443", "https://hub.example.com:8443"),
        ("https://hub.example.com:443/app/escalations/esc_1?x=1#y", "https://hub.example.com"),
        ("localhost:8420", "http://localhost:8420"),
        ("[::1]:8420/app/", "http://[::1]:8420"),
        ("http://hub.example.com", "http://hub.example.com"),
    ],
)
def test_an_address_is_read_as_people_type_or_copy_it(typed: str, meant: str) -> None:
    assert address_of(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "https://",
        "ftp://hub.example.com",
        "javascript:alert(1)",
        "hub.example.com:port",
        "hub.example.com:99999",
        "my hub",
        "https://hub.example.com@evil.example",
        "hub.example.com\\@evil.example",
        "https://hub.example.com\n.evil.example",
        "hüb.example.com",
        "https://[hub]",
    ],
)
def test_what_is_no_address_of_a_server_or_names_two_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the parser's own words for some
        address_of(typed)


@asynccontextmanager
async def server(answer: Any, *, status: int = 200, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Something that answers so; its address. `{url}` in its document is that address."""
    scheme = "http" if tls is None else "https"

    async def answers(request: web.Request) -> web.Response:
        assert request.path == WELL_KNOWN
        if not isinstance(answer, dict):
            return web.Response(status=status, text=answer, content_type="text/html", headers={"Location": "/app/"})
        url = f"{scheme}://{request.host}"
        said = {name: value.format(url=url) if isinstance(value, str) else value for name, value in answer.items()}
        return web.json_response(said, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answers)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


A_HUB = {"audience": "{url}", "issuer": "{url}", "api": "/v1"}


async def test_a_hub_is_found_at_the_address_of_any_of_its_pages(desk: Desk) -> None:
    found = await find_hub(f"{desk.url}/app/devices#x")
    assert (found.url, found.issuer) == (desk.url, desk.url)
    assert found.told["people"]["rp_id"] == "localhost"


async def test_two_servers_are_told_apart_and_neither_is_taken_for_the_other(desk: Desk) -> None:
    async with server(A_HUB) as elsewhere:
        assert [(await find_hub(each)).url for each in (desk.url, elsewhere)] == [desk.url, elsewhere]
    async with server({**A_HUB, "audience": desk.url}) as mirror:
        with pytest.raises(NoHub, match=f"calls itself '{desk.url}'"):
            await find_hub(mirror)


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ("<h1>Welcome</h1>", 200, "no JSON object"),
        ("<h1>Not here</h1>", 404, "it answers 404"),
        ("", 302, "redirects are not followed"),
        ({"code": "host_unknown", "detail": "this hub does not serve that host"}, 421, "421 .host_unknown."),
        ({}, 200, "is no hub's"),
        ({**A_HUB, "audience": None}, 200, "is no hub's"),
        ({**A_HUB, "api": "/v9"}, 200, "is no hub's"),
    ],
)
async def test_whoever_typed_the_address_of_something_else_is_told_so(answer: Any, status: int, told: str) -> None:
    async with server(answer, status=status) as url:
        with pytest.raises(NoHub, match=told):
            await find_hub(url)


async def test_a_hub_in_trouble_and_nobody_there_are_no_other_server(desk: Desk) -> None:
    async with server({"code": "database_unavailable"}, status=503) as url:
        with pytest.raises(Refused):
            await find_hub(url, within=0.05)
    with pytest.raises(Unreachable):
        await find_hub(url, within=0.05)


async def test_a_hubs_own_certificate_can_be_all_that_is_trusted() -> None:
    ours, others = Authority(), Authority()
    async with server(A_HUB, tls=ours.server("127.0.0.1")) as url:
        assert (await find_hub(url, tls=ours.trusting())).url == url
        for trusted in (others.trusting(), None):
            with pytest.raises(Unreachable):
                await find_hub(url, tls=trusted, within=0.05)


def test_code_without_asyncio_hears_the_same() -> None:
    with pytest.raises(ValueError, match="plain http"):
        find_hub_now("http://hub.example.com")
