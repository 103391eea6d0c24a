"""A reverse proxy that ends TLS in front of a hub, as the how-to asks of one: it passes on whatever it gets.

It hands on the host, the path and the query as they came, adds the caller's address to X-Forwarded-For, and holds
nothing back. Its callers come from this computer; `seen_from` is the address that it says they have.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import aiohttp
from aiohttp import web
from yarl import URL

HOST = "127.0.0.1"
OF_ONE_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length"})
"""Headers that a proxy does not pass on (RFC 9110, section 7.6.1); lengths are its own."""
LONGEST = 90.0
"""Seconds for an answer."""


@asynccontextmanager
async def reverse_proxy(
    port: int,
    tls: ssl.SSLContext | None,
    *,
    seen_from: str,
    at: int = 0,
    instead: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[int]:
    """In front of the hub at this port of this computer; its own port, which is `at` where one is given.

    `instead` are scripts that it gives in the place of the hub's, by path, with the hub's headers; it may change.
    """
    async with aiohttp.ClientSession(
        f"http://{HOST}:{port}",
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=LONGEST),
        connector=aiohttp.TCPConnector(limit=0),
    ) as behind:

        async def serve(request: web.Request) -> web.StreamResponse:
            headers = [(name, value) for name, value in request.headers.items() if name.lower() not in OF_ONE_HOP]
            headers.append(("X-Forwarded-For", seen_from))
            async with behind.request(
                request.method,
                URL(request.raw_path, encoded=True),
                headers=headers,
                data=await request.read() or None,
                allow_redirects=False,
            ) as answer:
                given = web.StreamResponse(status=answer.status, reason=answer.reason)
                for name, value in answer.headers.items():
                    if name.lower() not in OF_ONE_HOP:
                        given.headers.add(name, value)
                await given.prepare(request)
                if request.path in instead:
                    await given.write(instead[request.path].encode())
                    await given.write_eof()
                    return given
                async for piece in answer.content.iter_any():
                    await given.write(piece)
                await given.write_eof()
                return given

        app = web.Application(client_max_size=2**22)
        app.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, at, ssl_context=tls).start()
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()
