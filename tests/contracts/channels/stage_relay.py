"""The relay of a native app's publisher on a stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, DummyCookieJar

from notify.relay import Relay, RelaySettings
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.relay_server import WAIT, RelayServer

HANDLE, GONE = "rh_" + "Qm9zLWhhbmRsZS1vZi1hbm5h" + "_-" * 9 + "7", "rh_" + "bm9ib2R5LWhhcy10aGlz" + "-_" * 11 + "4"
TOPIC_KEY = "dGhlLWFwcC1hbmQtaXRzLWh1Yi1rbm93LXRoaXMuLi4"
assert (len(HANDLE), len(GONE), len(TOPIC_KEY)) == (46, 46, 43)


def device(relay: str, handle: str = HANDLE, **members: Any) -> str:
    """An address."""
    whole = {"relay": relay, "handle": handle, "topic_key": TOPIC_KEY, **members}
    return json.dumps(whole, separators=(",", ":"))


def hostile(relay: str) -> list[str]:
    """Handles that would be another header or member, those of another relay, and what is no address at all."""
    handles = ["", "rh_", "short", HANDLE + "x", HANDLE[:-1] + "/", f"{HANDLE[:-2]}\r\n", f"{HANDLE}\r\nX-Evil: 1"]
    handles += ["ro_" + HANDLE[3:], HANDLE[:-1] + '"', "å" * 46, f" {HANDLE}"]
    relays = ["https://evil.example", relay + "/", relay + "@evil.example", relay + "/v1", "", relay.upper()]
    keys = ["", "short", TOPIC_KEY + "A", TOPIC_KEY + "=", TOPIC_KEY[:-1] + "+"]
    texts = ["", "null", "[]", "{}", "\ud800", HANDLE, json.dumps({"handle": HANDLE}), device(relay, text="evil")]
    texts += [device(relay, handle) for handle in handles] + [device(other) for other in relays]
    return [*texts, *(device(relay, topic_key=key) for key in keys), device(relay, topic_key=7)]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    server = RelayServer()
    await server.open()
    address = device(server.base_url)
    server.handles[HANDLE] = address
    settings = RelaySettings(url=server.base_url)
    async with ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: Relay(settings, session=session, clock=lambda: START, time_limit=limit),
            notice,
            address=address,
            gone=device(server.base_url, GONE),
            hostile=hostile(server.base_url),
            secrets=[HANDLE, GONE, TOPIC_KEY],
            wait=WAIT,
            says_words=False,
        )
    await server.close()
