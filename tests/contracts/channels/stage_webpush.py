"""Push messages to browsers on a stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from notify.webpush import WebPush, WebPushSettings
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.push_service import WAIT, Browser, PushService
from tests.fakes.tls import Authority

KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
"""A key of RFC 8291 section 5: there it is a browser's."""
CONTACT = "mailto:drift@example.se"


def settings(*hosts: str, **changes: Any) -> WebPushSettings:
    """For push services at these hosts."""
    return WebPushSettings(**{"private_key": KEY, "contact": CONTACT, "hosts": hosts, **changes})


def hostile(browser: Browser, host: str) -> list[str]:
    """Subscriptions that lead elsewhere, that nothing can be encrypted for, or that are none."""
    sound = json.loads(browser.subscription)
    at = browser.endpoint.removeprefix("https://")
    endpoints = [
        f"https://evil.example/{at}",
        f"https://{host}@evil.example/push/1",
        f"https://evil.example#{host}/",
        f"https://evil.example?{host}/",
        f"https://{host}.evil.example/",
        f"https://x{at}",
        f"http://{at}",
        f"https://{host}\r\nX-Evil: 1/",
        f"https://{host}\\@evil.example/",
        f"https:{at}",
        "file:///etc/passwd",
        "",
    ]
    keys = [{"p256dh": "", "auth": ""}, {**sound["keys"], "p256dh": "B" * 87}, {**sound["keys"], "auth": "AAAA"}, {}]
    texts = ["", "null", "[]", "{}", "\ud800", "[" * 5000, browser.endpoint, browser.subscription + "x"]
    texts += [json.dumps({**sound, "endpoint": endpoint}) for endpoint in endpoints]
    texts += [json.dumps({**sound, "keys": pair}) for pair in keys]
    return [*texts, json.dumps({**sound, "host": "evil.example"}), json.dumps({**sound, "endpoint": 7})]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    authority = Authority()
    server = PushService(authority, PUBLIC, now=START)
    await server.open()
    browser, gone = server.subscribe("anna"), server.subscribe("nobody")
    server.keep_browser(browser)
    async with ClientSession(connector=TCPConnector(ssl=authority.trusting()), cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: WebPush(settings(server.host), session=session, clock=lambda: START, time_limit=limit),
            notice,
            address=browser.subscription,
            gone=gone.subscription,
            hostile=hostile(browser, server.host),
            secrets=[KEY, browser.endpoint, gone.endpoint, json.loads(browser.subscription)["keys"]["auth"]],
            wait=WAIT,
        )
    await server.close()
