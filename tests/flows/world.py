"""A whole hub on a real socket, with people and agents who use it: what flow tests are written with."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
from aiohttp import web

from approvals_hub.api.application import application
from approvals_hub.api.served import Served
from approvals_hub.api.server import Runner, site_options
from approvals_hub.app import OpenHub, Place
from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import Clock, system_clock
from approvals_hub.core.sealing import create_key_file
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.hub import Hub
from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.invite import Invitation, Invited
from approvals_hub_client import AsyncHub, register
from tests.fakes.line import Line


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

    def code(self, key: str) -> str:
        """What an authenticator app with this key shows, early in its thirty seconds: a busy computer types slowly."""
        gone = self.clock().now() // 1000 % 30
        if gone > 5:
            self.pass_seconds(31 - gone)
        return pyotp.TOTP(key.replace(" ", "")).at(self.clock().now() // 1000)


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
        invited = await self.invited(name, *roles)
        phone = await self._resources.enter_async_context(SoftwarePhone(self.base_url, name=name))
        await phone.enrol(invited.token)
        assert phone.digits is not None
        await self.owner.call("POST", f"/v1/devices/{phone.device_id}/confirmation", await self.compared(phone.digits))
        await phone.sign_in()
        return phone

    async def joined(self, phone: SoftwarePhone, *roles: str) -> None:
        """Somebody of another organisation follows an invitation into this one with the key that they have."""
        invited = await self.invited(phone.name, *roles)
        asked = await phone.call("POST", "/v1/joinings", {"token": invited.token, "fresh": await phone.fresh()})
        path = f"/v1/orgs/{self.org_id}/joinings/{asked['joining_id']}/confirmation"
        await self.owner.call("POST", path, await self.compared(asked["digits"]))

    async def compared(self, digits: str) -> dict[str, Any]:
        """What the owner sends who has compared the digits of two screens."""
        return {"digits": digits, "fresh": await self.owner.fresh()}

    async def invited(self, name: str, *roles: str) -> Invited:
        """A member who has a link and no key yet; an approver unless `roles` say otherwise."""
        invitation = Invitation(name=name, roles=frozenset(roles or ("approver",)))
        return await self.hub.invite_person(self.operator, invitation)

    async def another_org(self) -> World:
        """A second organisation of the same hub, with its own owner."""
        made = await self.hub.orgs.make.by_operator("Another", "Stranger")
        assert made.owner is not None
        other = replace(self, org_id=made.org_id)
        other.owner = await self._resources.enter_async_context(SoftwarePhone(self.base_url, name="Stranger"))
        await other.owner.enrol(made.owner.token)
        await self.hub.confirm_device(other.operator, other.owner.device_id, other.owner.digits or "")
        await other.owner.sign_in()
        return other

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
        raw: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Given:
        """One request and its whole answer, whatever it is; `by` is whose session it carries."""
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"], raw = "application/json", json.dumps(body).encode()
        if by is not None:
            headers["Authorization"] = f"Bearer {by._token}"
        async with (
            aiohttp.ClientSession(self.base_url, cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(method, path, data=raw or None, headers=headers, allow_redirects=False) as response,
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
    """A port that nobody listens on at this moment.

    It lies below those that connections of their own take: one of these may be somebody's before the test listens.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@asynccontextmanager
async def serve(
    folder: Path,
    database: str,
    *,
    time: TestClock | None = None,
    step_up: Mapping[str, Mapping[str, Any]] | None = None,
    line: Line | None = None,
    sign_in: Mapping[str, Mapping[str, Any]] | None = None,
    mail: Mapping[str, Any] | None = None,
    sms: Mapping[str, Any] | None = None,
    channels: Mapping[str, Mapping[str, Any]] | None = None,
    own_channels: OwnChannels | None = None,
    callbacks: Mapping[str, Any] | None = None,
    limits: HubLimits | None = None,
) -> AsyncIterator[World]:
    """A hub on this database, without anybody in it yet. The same folder and database again is the same hub."""
    port_file = folder / "port"
    port = int(port_file.read_text()) if port_file.exists() else free_port()
    port_file.write_text(str(port))
    public_url = f"http://localhost:{port}"
    key_file = folder / "kek"
    if not key_file.exists():
        create_key_file(key_file)
    place = Place(
        public_url=public_url,
        key_file=key_file,
        checkpoints=folder / "checkpoints",
        database=database,
        step_up=step_up or {},
        sign_in=sign_in or {},
        mail=mail or {},
        sms=sms or {},
        channels=channels or {},
        own_channels=own_channels or OwnChannels(),
        callbacks=callbacks or {},
        limits=limits or HubLimits(),
        folder=folder,
    )
    time = time or TestClock()
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(OpenHub(place, time.clock()))
        app = application(hub, Served(public_url))
        if line is not None:
            app.middlewares.insert(0, line.middleware)
        runner = Runner(app)
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
