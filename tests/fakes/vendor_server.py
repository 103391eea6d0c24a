"""A vendor's HTTP interface over the wire, on this machine; each vendor says how it answers."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web

from tests.fakes.hurry import Hurry
from tests.fakes.slicer import slicing
from tests.fakes.trouble import Arrival, Trouble

HOST = "127.0.0.1"
ENDLESS = 256 * 1024 * 1024
"""Bytes after which a flood ends by itself: whoever reads so many has no limit."""


class VendorServer(ABC):
    """Keeps what it takes in `arrived`, newest last."""

    success = 200
    """The status of its good answers."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.arrived: list[Arrival] = []
        self.seen: list[web.Request] = []
        self.trouble: Trouble | None = None
        self.asked = asyncio.Event()
        """Set when somebody has asked for anything."""
        self.kept = asyncio.Event()
        """Set when a message was taken."""
        self.hung_up_on = asyncio.Event()
        """Set when somebody ended a flood."""
        self._tls = tls
        self.hurry = Hurry()
        self._speaks = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://{HOST}:{self._port}"

    async def open(self) -> None:
        """Listen: the first time on any free port, then on the same one."""
        self._port = await self._listen(self._port)

    async def _listen(self, port: int) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port, ssl_context=self._tls, reuse_address=True).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Refuse connections."""
        self._speaks.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @contextmanager
    def plays(self, trouble: Trouble) -> Iterator[None]:
        """Within: that trouble."""
        self.trouble = trouble
        self._speaks.clear()
        self.hurry.silence_begins()
        try:
            yield
        finally:
            self.trouble = None
            self._speaks.set()

    @asynccontextmanager
    async def is_down(self) -> AsyncIterator[None]:
        """Within: connections are refused."""
        await self.close()
        try:
            yield
        finally:
            await self.open()

    @asynccontextmanager
    async def trickles(self, *, size: int, pause: float) -> AsyncIterator[None]:
        """Within: its answers come in slices of `size` bytes, one every `pause` seconds."""
        await self.close()
        async with slicing(self._port, await self._listen(0), size=size, pause=pause):
            yield
            await self.close()
        await self.open()

    @abstractmethod
    async def answer(self, request: web.Request) -> web.Response:
        """What the vendor answers; it calls `keep` for what it takes."""

    @abstractmethod
    def throttled(self) -> web.Response:
        """Its way to say: later."""

    @abstractmethod
    def refusal(self) -> web.Response:
        """Its way to say: who are you?"""

    def keep(self, arrival: Arrival) -> None:
        """Take a message."""
        self.arrived.append(arrival)
        self.kept.set()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.asked.set()
        match self.trouble:
            case Trouble.SILENT:
                self.hurry.silent_to_somebody()
                await self._speaks.wait()
                return web.Response(status=503)
            case Trouble.THROTTLED:
                return self.throttled()
            case Trouble.BROKEN:
                return web.Response(status=503, text="upstream connect error")
            case Trouble.REFUSES_US:
                return self.refusal()
            case Trouble.GARBLES:
                return web.Response(status=200, body=b"\xff\x00<html>" * 100, content_type="application/json")
            case Trouble.HANGS_UP:
                return self._cut(request, b'HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n{"id":')
            case Trouble.LEAVES:
                return self._cut(request, b"")
            case Trouble.NO_PROTOCOL:
                return self._cut(request, b"220 mail.example ESMTP\r\n")
            case Trouble.FLOODS:
                return await self._flood(request)
        return await self.answer(request)

    def _cut(self, request: web.Request, raw: bytes) -> web.Response:
        assert request.transport is not None
        assert isinstance(request.transport, asyncio.WriteTransport)
        request.transport.write(raw)
        request.transport.close()
        return web.Response()

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=self.success)
        await response.prepare(request)
        try:
            for _ in range(ENDLESS // 65536):
                await response.write(b" " * 65536)
        except OSError:
            self.hung_up_on.set()
        return response
