"""A service that takes messages over the wire, as mail and SMS gateways do, and the sender that speaks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from aiohttp import ClientError, ClientSession, web

from identity.code_mail import Mail
from identity.one_time_code import NotSent, Sent
from tests.fakes.hurry import Hurry

HOST = "127.0.0.1"


class LetterBox:
    """Keeps what it takes, newest last, as (address, message). Its state is turned by the three contexts."""

    def __init__(self, session: ClientSession) -> None:
        self.letters: list[tuple[str, Any]] = []
        self._session = session
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._garbles = False
        self.hurry = Hurry()
        self._speaks = asyncio.Event()
        self._speaks.set()

    async def open(self) -> None:
        """Listen: the first time on any free port, then on the same one."""
        app = web.Application()
        app.router.add_post("/messages", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Refuse connections."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def send(self, address: str, message: Mail | str) -> Sent | NotSent:
        """A sender as `identity.one_time_code` wants it."""
        said = message if isinstance(message, str) else asdict(message)
        try:
            async with self._session.post(
                f"http://{HOST}:{self._port}/messages", json={"to": address, "message": said}, allow_redirects=False
            ) as response:
                taken = response.status == 200 and await response.content.read(64) == b"taken"
        except ClientError:
            return NotSent(retry_after=3.0)
        return Sent() if taken else NotSent(permanent=response.status == 410)

    @asynccontextmanager
    async def is_down(self) -> AsyncIterator[None]:
        await self.close()
        try:
            yield
        finally:
            await self.open()

    @asynccontextmanager
    async def is_silent(self) -> AsyncIterator[None]:
        self._speaks.clear()
        self.hurry.silence_begins()
        try:
            yield
        finally:
            self._speaks.set()

    @asynccontextmanager
    async def garbles(self) -> AsyncIterator[None]:
        self._garbles = True
        try:
            yield
        finally:
            self._garbles = False

    async def _take(self, request: web.Request) -> web.Response:
        if not self._speaks.is_set():
            self.hurry.silent_to_somebody()
        await self._speaks.wait()
        if self._garbles:
            return web.Response(body=b"\xff\x00<html>" * 1000)
        letter = await request.json()
        if letter["to"].startswith("nobody"):
            return web.Response(status=410)
        self.letters.append((letter["to"], letter["message"]))
        return web.Response(body=b"taken")


@asynccontextmanager
async def letter_box() -> AsyncIterator[LetterBox]:
    """An open one."""
    async with ClientSession() as session:
        box = LetterBox(session)
        await box.open()
        try:
            yield box
        finally:
            await box.close()
