"""A whole hub on a real socket, with people and agents who use it: what flow tests are written with."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from approvals_hub.api.application import application
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, site_options
from approvals_hub.app import OpenHub, Place
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.core.sealing import create_key_file
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.invite import Invitation
from approvals_hub_client import AsyncHub, register


class TestClock:
    """The real time, moved as a test says."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead = 0

    def clock(self) -> Clock:
        real = system_clock()
        return Clock(lambda: real.now() + self.ahead)

    def pass_seconds(self, seconds: float) -> None:
        self.ahead += int(seconds * 1000)


@dataclass(frozen=True)
class Given:
    """What the hub answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class World:
    """One running hub, its owner's phone, and ways to bring more people and agents."""

    hub: Hub
    place: Place
    folder: Path
    time: TestClock
    org_id: str = ""
    owner: SoftwarePhone = field(default_factory=lambda: SoftwarePhone(""))
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def base_url(self) -> str:
        return self.place.public_url

    @property
    def operator(self) -> OperatorCredential:
        return OperatorCredential(self.org_id)

    async def person(self, name: str, *roles: str) -> SoftwarePhone:
        """Another member with an enrolled, confirmed device key, signed in."""
        invited = await self.hub.invite_person(self.operator, Invitation(name=name, roles=frozenset(roles)))
        phone = await self._resources.enter_async_context(SoftwarePhone(self.base_url, name=name))
        await phone.enrol(invited.token)
        assert phone.digits is not None
        await self.owner.call("POST", f"/v1/devices/{phone.device_id}/confirmation", {"digits": phone.digits})
        await phone.sign_in()
        return phone

    async def agent(self, name: str = "bot", *, owner_id: str | None = None) -> AsyncHub:
        """An agent with its own key, registered by invitation."""
        invited = await self.hub.invite_agent(self.operator, self.org_id, name=name, owner_id=owner_id)
        path = self.folder / f"{name}-{os.urandom(4).hex()}.json"
        await register(self.base_url, invited.token, path, allow_http=True)
        return await self._resources.enter_async_context(AsyncHub.from_file(path, allow_http=True))

    async def send(
        self,
        method: str,
        path: str,
        *,
        by: SoftwarePhone | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Given:
        """One request and its whole answer, whatever it is; `by` is whose session it carries."""
        headers = dict(headers or {})
        if by is not None:
            headers["Authorization"] = f"Bearer {by._token}"
        async with (
            aiohttp.ClientSession(self.base_url, cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(method, path, json=body, headers=headers, allow_redirects=False) as response,
        ):
            return Given(response.status, dict(response.headers), await response.read())

    async def export(self) -> bytes:
        """Seal what waits, then download the organisation's log as its owner."""
        while await self.hub.sealer.seal_all():
            pass
        given = await self.send("GET", f"/v1/orgs/{self.org_id}/audit/export?format=jsonl", by=self.owner)
        assert given.status == 200, given
        return given.body


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serve(folder: Path, database: str, *, time: TestClock | None = None) -> AsyncIterator[World]:
    """A hub on this database, without anybody in it yet. The same folder and database again is the same hub."""
    port_file = folder / "port"
    port = int(port_file.read_text()) if port_file.exists() else free_port()
    port_file.write_text(str(port))
    public_url = f"http://localhost:{port}"
    key_file = folder / "kek"
    if not key_file.exists():
        create_key_file(key_file)
    place = Place(public_url=public_url, key_file=key_file, checkpoints=folder / "checkpoints", database=database)
    time = time or TestClock()
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(OpenHub(place, time.clock()))
        runner = Runner(application(hub, Served(public_url)))
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port, **site_options()).start()
        world = World(hub=hub, place=place, folder=folder, time=time)
        stack.push_async_callback(world._resources.aclose)
        yield world


async def set_up(world: World) -> World:
    """Give the hub its organisation and an owner with a software device key."""
    link = await world.hub.set_up()
    world.org_id = link.org_id
    world.owner = await world._resources.enter_async_context(SoftwarePhone(world.base_url, name="Owner's phone"))
    await world.owner.enrol(link.token)
    return world
