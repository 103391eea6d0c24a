"""A relay with its files in a folder, a fake Google, and apps: what tests of the relay are written with."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from approvals_hub.core.clock import Clock
from approvals_hub.relay.handles import PhoneForm, Registered
from approvals_hub.relay.phones import Wake
from approvals_hub.relay.serve import Open, answering, opened
from approvals_hub.relay.settings import Listen, Settings
from tests.contracts.channels.stage_fcm import FID, GONE, TOKEN
from tests.fakes.google_push import GooglePush, service_account
from tests.flows.world import free_port

START = 1_800_000_000_000
PATIENCE = 60.0
"""Seconds that a wake may take: the machine may be busy, and tests hold vendors up."""


class Google(GooglePush):
    """Keeps the devices in `slow` waiting until `go`."""

    def __init__(self) -> None:
        super().__init__(now=START)
        self.slow: set[str] = set()
        self.go = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)
        """Released once for each that waits."""
        self.devices = {FID: FID, TOKEN: TOKEN}

    async def answer(self, request: web.Request) -> web.Response:
        if request.path != "/token":
            message = json.loads(await request.text())["message"]
            if (message.get("fid") or message.get("token")) in self.slow:
                self.waiting.release()
                await self.go.wait()
        return await super().answer(request)


@dataclass
class RelayHouse:
    """The relay and what is around it."""

    open: Open
    google: Google
    settings: Settings
    time: list[int] = field(default_factory=lambda: [START])

    async def app(self, **address: str) -> Registered:
        """An app has registered; on one of Google's devices unless `address` says another."""
        form = PhoneForm(platform="fcm", address=address or {"fid": FID})
        return await self.open.relay.handles.register(form)

    async def wake(self, handle: str, wake: Wake | None = None) -> str:
        return await self.open.relay.wakes(handle, wake or a_wake())

    async def ask(
        self, method: str, path: str, body: Any = None, *, carrying: str = "", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """One request over HTTP; `body` is sent as it is where it is bytes."""
        if carrying:
            headers["Authorization"] = f"Bearer {carrying}"
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, self.settings.public_url + path, data=raw, headers=headers) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if text else None, dict(response.headers)


def a_wake(**changes: Any) -> Wake:
    """A wake with a new id."""
    made: dict[str, Any] = {"id": f"tel_{secrets.token_hex(8)}", "topic": "a" * 64, "collapse": "b" * 32, **changes}
    return Wake(**{"ttl": 60, "high": True, **made})


def said(wake: Wake | None = None, **changes: Any) -> dict[str, Any]:
    """The same as a hub says it."""
    wake = wake or a_wake()
    told = {"id": wake.id, "topic": wake.topic, "collapse": wake.collapse, "ttl": wake.ttl, "priority": "high"}
    return {**told, **changes}


def settings_in(folder: Path, google: GooglePush, **changes: Any) -> Settings:
    port = free_port()
    made = Settings(
        public_url=f"http://localhost:{port}",
        data=folder / "relay-data",
        fcm={"service_account": service_account(google.base_url), "base_url": google.base_url},
        listen=Listen(port=port),
    )
    return msgspec.structs.replace(made, **changes)


@asynccontextmanager
async def relay_house(folder: Path, *, listens: bool = False, **changes: Any) -> AsyncIterator[RelayHouse]:
    """The same folder again is the same relay."""
    google, time = Google(), [START]
    await google.open()
    settings = settings_in(folder, google, **changes)
    try:
        async with opened(settings, clock=Clock(lambda: time[0]), seconds=PATIENCE) as found:
            made = RelayHouse(found, google, settings, time)
            if not listens:
                yield made
                return
            async with answering(found, settings):
                yield made
    finally:
        google.go.set()
        await google.close()


__all__ = ["FID", "GONE", "TOKEN", "Google", "RelayHouse", "a_wake", "relay_house", "said", "settings_in"]
