"""The sample package of `tests/fakes/channel_plugin` on a stage: a channel from outside runs the same suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar

from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.channel_plugin.ntfy_channel import Ntfy, NtfySettings
from tests.fakes.ntfy_server import TOKEN, WAIT, NtfyServer

TOPIC = "anna_x7Kq2mPz"
HOSTILE = ("", "a b", "a/b", "../a", "a?b", "a,b", 'a","x":"', "a\r\nX-Evil: 1", "a\n", "a" * 65, "å", "\ud800")


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    server = NtfyServer()
    await server.open()
    settings = NtfySettings(base_url=server.base_url, token=TOKEN)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: Ntfy(settings, session=session, clock=lambda: START, time_limit=limit),
            notice,
            address=TOPIC,
            gone="docs",
            hostile=HOSTILE,
            secrets=[TOKEN],
            wait=WAIT,
            tells_who_is_gone=False,
        )
    await server.close()
