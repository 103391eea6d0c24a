"""From settings to a hub that answers; what a process does around it is in tests/flows/test_cli_hub.py."""

from __future__ import annotations

import re
import socket
import sys
from collections import deque
from importlib.metadata import version
from posixpath import join, normpath
from typing import Any

import aiohttp
import msgspec
import pytest

from approvals_hub.api.caller import Caller
from approvals_hub.api.routes import ROUTES
from approvals_hub.cli.opening import locked, opened
from approvals_hub.cli.serve import answering
from approvals_hub.config import Listen, Settings
from web.assets import read_assets
from web.render import NO_WORKER, SEALED, SHOWING, WORKER
from web.routes import STATIC


@pytest.fixture
def listening(settings: Settings) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return msgspec.structs.replace(settings, public_url=f"http://localhost:{port}", listen=Listen(port=port))


async def get(settings: Settings, path: str, **headers: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{settings.listen.port}") as http,
        http.get(path, headers=headers) as response,
    ):
        return response.status, await response.read()


async def test_api_pages_and_socket_answer_until_the_block_ends(listening: Settings) -> None:
    async with locked(listening), opened(listening) as hub:
        async with answering(hub, listening):
            assert (await get(listening, "/v1/public-keys"))[0] == 200
            assert (await get(listening, "/app/"))[0] == 200
            assert listening.socket.is_socket()
        with pytest.raises(aiohttp.ClientConnectionError):
            await get(listening, "/app/")
        assert not listening.socket.exists()
        assert hub.stopping.begun


async def test_only_hosts_of_the_settings_are_answered(listening: Settings) -> None:
    more = msgspec.structs.replace(listening, extra_hosts=["hub.lan"])
    async with locked(more), opened(more) as hub, answering(hub, more):
        assert (await get(more, "/v1/public-keys", Host="hub.lan"))[0] == 200
        assert (await get(more, "/v1/public-keys", Host="evil.example.com"))[0] == 421


async def test_what_was_written_is_sealed_when_the_hub_has_stopped(listening: Settings) -> None:
    async with locked(listening), opened(listening) as hub:
        async with answering(hub, listening):
            await hub.set_up()
        assert await hub.sealer.lag() == 0


OTHERS_HAVE = ("/metrics", "/debug", "/docs", "/redoc", "/swagger", "/version", "/.git/config", "/server-status", "/v1")
"""Where other servers keep what helps an attacker."""
LINK = re.compile(r"""["'(]((?:/|\.{1,2}/)[\w./-]+)["')]""")
RELEASES = {version("approvals-hub"), version("aiohttp"), sys.version.split()[0], "Python/", "aiohttp/"}


async def test_nobody_reads_a_version_a_metric_or_a_debug_page_without_signing_in(listening: Settings) -> None:
    given: dict[str, int] = {}
    async with locked(listening), opened(listening) as hub, answering(hub, listening):
        base = f"http://127.0.0.1:{listening.listen.port}"
        queue = deque(
            ["/", "/app/", "/openapi.json", *OTHERS_HAVE, *(each.path for each in ROUTES if each.method == "GET")]
        )
        async with aiohttp.ClientSession() as http:
            while queue:
                path = queue.popleft().replace("{", "").replace("}", "")
                if path in given:
                    continue
                async with http.get(base + path, allow_redirects=False) as answer:
                    text, given[path] = await answer.text(errors="replace"), answer.status
                    told = f"{dict(answer.headers)}{text}"
                    assert [each for each in RELEASES if each in told] == [], path
                    where = path.rpartition("/")[0] + "/"
                if answer.status == 200 and answer.content_type in ("text/html", "text/javascript"):
                    queue.extend(normpath(join(where, each)) for each in LINK.findall(text))
    assert {given[path] for path in OTHERS_HAVE} == {404}
    closed = {each.path for each in ROUTES if each.method == "GET" and each.caller is not Caller.PUBLIC}
    readable = [path for path in closed if given[path.replace("{", "").replace("}", "")] == 200]
    assert readable == []
    assets = read_assets(STATIC)
    kept = {assets.url(name) for name in assets.files if name not in (WORKER, SEALED, SHOWING, NO_WORKER)}
    assert {path: given.get(path) for path in kept} == dict.fromkeys(kept, 200), "the pages were not crawled"
