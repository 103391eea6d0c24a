"""Messages to chats on a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from notify.slack import Slack, SlackSettings
from notify.teams import Teams, TeamsSettings
from tests.contracts.channels.numbered import notice
from tests.contracts.channels.stage import START, Stage
from tests.contracts.channels.vendor_stage import VendorStage
from tests.fakes.chat_webhook import WAIT, ChatWebhook, SlackWebhook, TeamsWorkflow
from tests.fakes.tls import Authority

Kind = Literal["slack", "teams"]
PATHS = {
    "slack": (
        "/services/T0ACME000/B0ANNA000/f3a1c0dewebhook000000Ann",
        "/services/T0ACME000/B0NOBODY0/41c0dewebhook00000000Gone",
    ),
    "teams": (
        "/workflows/0a1b2c/triggers/manual/paths/invoke?api-version=2016-06-01&sig=f3a1-c0de_Ann",
        "/workflows/9f8e7d/triggers/manual/paths/invoke?api-version=2016-06-01&sig=41c0-dead_Gone",
    ),
}


def hostile(url: str, host: str) -> list[str]:
    """Webhooks that lead elsewhere, and what is no URL."""
    at = url.removeprefix("https://")
    return [
        "",
        "null",
        at,
        f"http://{at}",
        f"https:{at}",
        f"https://evil.example/{at}",
        f"https://{host}@evil.example/",
        f"https://{host}.evil.example/",
        f"https://evil.example#{host}/",
        f"https://x{at}",
        f"{url}\r\nX-Evil: 1",
        f"{url}#part",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "\ud800",
    ]


def make(kind: Kind, hosts: tuple[str, ...], **more: Any) -> Slack | Teams:
    """The channel for webhooks at these hosts."""
    if kind == "slack":
        return Slack(SlackSettings(hosts=hosts), **more)
    return Teams(TeamsSettings(hosts=hosts), **more)


class TeamsWithQuery(TeamsWorkflow):
    """A workflow's URL carries its secret in the query; here both are told apart by it."""

    def url(self, path: str) -> str:
        return super().url(next((known for known in PATHS["teams"] if known.startswith(path)), path))


@asynccontextmanager
async def stage(kind: Kind) -> AsyncIterator[Stage]:
    authority = Authority()
    server: ChatWebhook = SlackWebhook(authority) if kind == "slack" else TeamsWithQuery(authority)
    await server.open()
    path, gone = PATHS[kind]
    server.hooks.add(path.partition("?")[0])
    url = server.url(path)
    async with ClientSession(connector=TCPConnector(ssl=authority.trusting()), cookie_jar=DummyCookieJar()) as session:
        yield VendorStage(
            server,
            lambda limit: make(kind, (server.host,), session=session, clock=lambda: START, time_limit=limit),
            notice,
            address=url,
            gone=server.url(gone),
            hostile=hostile(url, server.host),
            secrets=[path, gone],
            wait=WAIT,
            tells_an_id=False,
        )
    await server.close()
