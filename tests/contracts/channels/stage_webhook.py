"""Events for other programs on a stage."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from notify.guarded import guarded_session
from notify.webhook import Webhook, WebhookSettings
from tests.contracts.channels.numbered import event
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.tls import Authority
from tests.fakes.webhook_receiver import WAIT, WebhookReceiver

SECRET, OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "bmV3LXNlY3JldC1vZi10aGUtcmVjZWl2ZXI="


def endpoint(url: str, *secrets: str) -> str:
    """An address."""
    return json.dumps({"url": url, "secrets": secrets or (SECRET,)}, separators=(",", ":"))


def settings(server: WebhookReceiver, **changes: Any) -> WebhookSettings:
    """For a receiver on this machine."""
    return WebhookSettings(**{"ports": (443, server.port), "private_networks": ("127.0.0.0/8",), **changes})


def hostile(url: str) -> list[str]:
    """Endpoints at inner addresses, that hide their host, or that are none."""
    at = url.removeprefix("https://")
    urls = [
        "http://evil.example/",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://evil.example:22/",
        "https://evil.example:6379/",
        f"https://evil.example@{at}",
        f"https://{at}#evil",
        f"https://{at}\r\nX-Evil: 1",
        f"https://{at}\\@evil.example",
        f"https:{at}",
        f"//{at}",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "",
    ]
    secrets: list[Any] = [[], [SECRET] * 3, ["secret"], ["whsec_AAAA"], [7], SECRET, [f"{SECRET}\r\nx: y"]]
    texts = ["", "null", "[]", "{}", "\ud800", url, json.dumps({"url": url}), endpoint(url) + "x"]
    texts += [endpoint(hostile) for hostile in urls]
    texts += [json.dumps({"url": url, "secrets": wrong}) for wrong in secrets]
    return [*texts, json.dumps({"url": url, "secrets": [SECRET], "headers": {"X-Evil": "1"}})]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    authority = Authority()
    server = WebhookReceiver(authority, now=START)
    await server.open()
    url, gone = f"{server.base_url}/hooks/anna-7f3a91", f"{server.base_url}/hooks/nobody-41c0de"
    server.secrets = {"/hooks/anna-7f3a91": SECRET, "/hooks/nobody-41c0de": None}
    server.names["/hooks/anna-7f3a91"] = endpoint(url)
    opened = partial(guarded_session, tls=authority.trusting())

    def make(limit: float) -> Webhook:
        return Webhook(settings(server), clock=lambda: START, time_limit=limit, open_session=opened)

    found = VendorStage(
        server,
        make,
        event,
        address=endpoint(url),
        gone=endpoint(gone),
        hostile=hostile(url),
        secrets=[SECRET, url, gone],
        wait=WAIT,
        tells_an_id=False,
        reads_answers=False,
    )
    yield found
    await found.channel.close()
    await found.impatient.close()
    await server.close()
