"""A push relay as a publisher runs it, in a process of its own, and the publisher's native app on a phone."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import signal
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.contracts.channels.stage_apns import PEM
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC
from tests.fakes.google_push import service_account
from tests.flows.forked import Forked, kept
from tests.flows.process import WITHIN
from tests.flows.reach_scene import Vendors
from tests.flows.world import free_port

SETTINGS = """
public_url = "{url}"
[listen]
port = {port}
[log]
level = "debug"
[apns]
key_file = "apns.p8"
key_id = "{key_id}"
team_id = "{team_id}"
topic = "{topic}"
host = "localhost"
port = {apple}
ca_file = "ca.pem"
[fcm]
service_account_file = "firebase.json"
base_url = "{google}"
"""


@dataclass
class RunningRelay:
    """The process, its folder, and where it answers."""

    url: str
    folder: Path
    process: Forked | None = None

    async def start(self) -> None:
        """Until it answers."""
        words = ("relay", "serve", "--config", str(self.folder / "relay.toml"))
        with (self.folder / "relay.log").open("ab") as log:
            self.process = Forked(words, kept(), self.folder, into=(log, log))
        async with asyncio.timeout(WITHIN):
            while True:
                assert self.process.poll() is None, self.said()
                try:
                    if (await self.ask("GET", "/healthz/live"))[0] == 200:
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    async def end(self, number: signal.Signals) -> int:
        """By that signal; its status."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, WITHIN)

    def said(self) -> str:
        """Its log."""
        return (self.folder / "relay.log").read_text(errors="replace")

    async def ask(
        self, method: str, path: str, body: Any = None, *, carrying: str = "", raw: bytes | None = None
    ) -> tuple[int, Any]:
        """The status and the JSON of one answer."""
        headers = {"Authorization": f"Bearer {carrying}"} if carrying else {}
        if raw is not None:
            headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, self.url + path, json=body, data=raw, headers=headers) as response,
        ):
            return response.status, await response.json() if await response.read() else None

    def all_that_is_written(self) -> bytes:
        """Its log, its database and whatever else lies in its folder."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.parent.name == "relay-data"]
        return b"\n".join(path.read_bytes() for path in [*files, self.folder / "relay.log"])


@dataclass
class NativeApp:
    """What the publisher's app does on one phone, for one hub."""

    relay: RunningRelay
    platform: str
    address: dict[str, str]
    language: str = "en"
    topic_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    handle: str = ""
    owner: str = ""

    @property
    def form(self) -> dict[str, Any]:
        return {"platform": self.platform, "address": self.address, "language": self.language}

    async def register(self) -> dict[str, str]:
        """A handle for this hub alone; the address that the hub gets."""
        status, given = await self.relay.ask("POST", "/v1/handles", self.form)
        assert status == 201, given
        self.handle, self.owner = given["handle"], given["owner"]
        return self.hub_address()

    def hub_address(self) -> dict[str, str]:
        return {"relay": self.relay.url, "handle": self.handle, "topic_key": self.topic_key}

    def topic(self, id_: str) -> str:
        """Made from the documentation, not by the hub's code."""
        return self._hash("topic", id_)

    def collapse(self, about: str) -> str:
        """Of a question's id, in the same way."""
        return self._hash("collapse", about)[:32]

    def _hash(self, purpose: str, text: str) -> str:
        key = urlsafe_b64decode(self.topic_key + "=")
        return hmac.new(key, f"approvals-hub.relay.{purpose}.v1\0{text}".encode(), hashlib.sha256).hexdigest()


@asynccontextmanager
async def running_relay(folder: Path, found: Vendors) -> AsyncIterator[RunningRelay]:
    """`approvals-hub relay serve` until the block ends; then it has to stop by itself, in order."""
    folder.mkdir()
    port = free_port()
    relay = RunningRelay(f"http://localhost:{port}", folder)
    (folder / "apns.p8").write_text(PEM)
    (folder / "firebase.json").write_text(service_account(found.google.base_url))
    (folder / "ca.pem").write_text((folder.parent / "ca.pem").read_text())
    own = {"key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC}
    places = {"url": relay.url, "port": port, "apple": found.apple.port, "google": found.google.base_url}
    (folder / "relay.toml").write_text(SETTINGS.format(**own, **places))
    try:
        await relay.start()
        yield relay
    finally:
        status = await relay.end(signal.SIGTERM)
    assert status == 0, relay.said()
