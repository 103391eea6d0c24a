"""The line between agents and a real hub: what went over it, what gets lost, and what an attacker makes of answers.

It stands around the real application. What people do on their phones goes past it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiohttp import web

from approvals_hub_client.canonical import dumps, loads

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Line:
    """Set a fault, and the next requests meet it."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    """How each request was signed."""
    drop_before: int = 0
    """So many requests find their connection closed before anything happens."""
    drop_after: int = 0
    """So many requests take effect, and their answer is lost."""
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers that the next requests are answered with, by what stands before a hub."""
    patience: float | None = None
    """Seconds after which a proxy gives up on a long poll's answer, and cuts the connection to the hub."""
    gives_up: Callable[[], Awaitable[int]] | None = None
    """What happens then, before the client knows; the status that it gets, or 0 where its connection is cut, too."""
    alter: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """What an attacker on the way makes of every answer."""
    before: Callable[[web.Request], Awaitable[None]] | None = None
    """What happens between the sending of a request and its arrival."""
    open: set[asyncio.Transport] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def forget(self) -> None:
        """Begin the record anew."""
        for record in (self.calls, self.bodies, self.proofs):
            record.clear()  # type: ignore[attr-defined]  # three lists of unlike things

    async def called(self, method: str, path: str, times: int = 1) -> None:
        """Wait until a call has come in so many times."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: self.calls.count((method, path)) >= times)

    def sent(self, ending: str) -> list[dict[str, Any]]:
        """The bodies of the calls whose path ends so."""
        return [loads(body) for (_, path), body in zip(self.calls, self.bodies, strict=True) if path.endswith(ending)]

    def cut(self) -> int:
        """Cut every connection that an agent has open now; how many there were."""
        cut = [transport for transport in self.open if not transport.is_closing()]
        for transport in cut:
            transport.abort()
        return len(cut)

    @property
    def middleware(self) -> Any:
        """Goes around the application."""

        @web.middleware
        async def over_the_line(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.headers.get("Authorization", "").startswith("Bearer ses_"):
                return await handler(request)
            return await self._carry(request, handler)

        return over_the_line

    async def _carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        assert request.transport is not None
        self.open = {*(one for one in self.open if not one.is_closing()), request.transport}
        self.bodies.append(await request.read())
        self.proofs.append(request.headers.get("Signature-Input", ""))
        async with self.changed:
            self.calls.append((request.method, request.path))
            self.changed.notify_all()
        if self.before is not None:
            await self.before(request)
        if self.drop_before:
            self.drop_before -= 1
            _cut(request)
        if self.busy:
            status, headers = self.busy.pop(0)
            body = dumps({"code": "busy", "detail": "", "next_step": "", "request_id": "req_1", "status": status})
            return web.Response(body=body, status=status, headers=headers, content_type="application/problem+json")
        try:
            async with asyncio.timeout(self.patience if "wait" in request.query else None):
                response = await handler(request)
        except TimeoutError:
            assert self.gives_up is not None
            status = await self.gives_up()
            return web.Response(status=status) if status else _cut(request)
        if self.drop_after:
            self.drop_after -= 1
            _cut(request)
        return self._altered(response)

    def _altered(self, response: web.StreamResponse) -> web.StreamResponse:
        if self.alter is None or not isinstance(response, web.Response) or response.status >= 400:
            return response
        assert isinstance(response.body, bytes)
        response.body = dumps(self.alter(loads(response.body)))
        return response


def _cut(request: web.Request) -> NoReturn:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError
