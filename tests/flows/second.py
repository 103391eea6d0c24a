"""A second process' hub on the same PostgreSQL database, in this process: nothing is shared but the database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from approvals_hub.api.application import application
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, site_options
from approvals_hub.app import OpenHub
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.hub import Hub
from approvals_hub_client import AsyncHub
from tests.flows.signed import proven
from tests.flows.world import World, free_port
from tests.load.raw_http import connect, request


@dataclass
class Pair:
    """Two hubs behind one public URL; requests name the one they go to, as a load balancer would."""

    first: World
    second: Hub
    ports: tuple[int, int]

    async def send(self, where: int, raw: bytes) -> tuple[int, dict[str, Any]]:
        """Bytes to the first hub (0) or the second (1)."""
        connection = await connect(self.ports[where])
        try:
            status, body, _ = await connection.send(raw)
        finally:
            connection.close()
        return status, json.loads(body)

    def signed(
        self, agent: AsyncHub, method: str, path: str, body: dict[str, Any] | None = None, key: str = ""
    ) -> bytes:
        """An agent's request for the public URL."""
        headers, raw = proven(agent.credential, method, path, body, key)
        return request(method, path, port=self.ports[0], body=raw, headers=headers)

    def posted(self, path: str, body: dict[str, Any]) -> bytes:
        """A request of nobody in particular."""
        raw = json.dumps(body).encode()
        return request("POST", path, port=self.ports[0], body=raw, headers={"Content-Type": "application/json"})

    async def phone(self, phone: SoftwarePhone) -> SoftwarePhone:
        """The same phone, connected to the second hub."""
        same = SoftwarePhone(f"http://localhost:{self.ports[1]}", name=phone.name, key=phone.key)
        same.device_id, same.person_id = phone.device_id, phone.person_id
        same.audience, same._token = self.first.base_url, phone._token
        return await self.first._resources.enter_async_context(same)


@asynccontextmanager
async def beside(first: World) -> AsyncIterator[Pair]:
    """Open the database once more and serve it, too."""
    port = free_port()
    place = replace(first.place, checkpoints=first.folder / "checkpoints of the second")
    async with OpenHub(place, first.time.clock()) as hub:
        runner = Runner(application(hub, Served(first.base_url, (f"localhost:{port}",))))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, **site_options()).start()
        try:
            yield Pair(first, hub, (int(first.base_url.rpartition(":")[2]), port))
        finally:
            await runner.cleanup()
