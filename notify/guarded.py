"""HTTP sessions for URLs that somebody else typed: they reach the internet and no inner network.

The address is looked at where the socket is made: after the name was looked up, for each address that it has, at every
connection. A check of the name alone, or before, is passed by a literal, and by a name that changes its answer.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from notify.networks import Network, may_be_reached

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from aiohttp.abc import AbstractResolver

MOST_CONNECTIONS = 400
"""Open at once."""
HOST_CONNECTIONS = 5
"""Of them to one host, unless its caller says more: no endpoint keeps others waiting."""


class Forbidden(PermissionError):
    """An address that must not be reached. The text is always the same: it would tell what is inside."""

    def __init__(self) -> None:
        super().__init__("the address is in a network that is not allowed")


Dial = Callable[[str, int], Awaitable[socket.socket]]
"""Connects to a host and a port, for protocols that are not HTTP. Raises OSError."""


def guarded_dial(allowed: Iterable[Network] = ()) -> Dial:
    """Connects to public addresses and to `allowed` networks alone. It raises Forbidden where a name has no other."""
    networks = tuple(allowed)

    async def dial(host: str, port: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        trouble: OSError = Forbidden()
        for family, kind, protocol, _, place in found:
            if not may_be_reached(str(place[0]), networks):
                continue
            opened = socket.socket(family, kind, protocol)
            opened.setblocking(False)
            try:
                await loop.sock_connect(opened, place)
            except OSError as error:
                opened.close()
                trouble = error
            except BaseException:
                opened.close()
                raise
            else:
                return opened
        raise trouble

    return dial


def guarded_session(
    allowed: Iterable[Network] = (),
    *,
    tls: ssl.SSLContext | None = None,
    resolver: AbstractResolver | None = None,
    per_host: int = HOST_CONNECTIONS,
) -> ClientSession:
    """A session that connects to public addresses and to `allowed` networks alone; its caller refuses redirects.

    No cookies, no proxy of the environment: a proxy would be reached instead, and reach whatever it likes. `tls` is
    None for the authorities that this machine trusts; `resolver` None for its own; `per_host`: connections at once to
    one host. Whoever opens it closes it.
    """
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    connector = TCPConnector(
        limit=MOST_CONNECTIONS,
        limit_per_host=per_host,
        ssl=True if tls is None else tls,
        resolver=resolver,
        use_dns_cache=resolver is None,
        socket_factory=_factory(tuple(allowed)),
    )
    return ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None),
        trust_env=False,
        headers={"User-Agent": "approvals-hub"},
    )


def _factory(allowed: tuple[Network, ...]) -> Callable[[Any], socket.socket]:
    def made(found: Any) -> socket.socket:
        family, kind, protocol, _, place = found
        if family not in (socket.AF_INET, socket.AF_INET6) or not may_be_reached(place[0], allowed):
            raise Forbidden
        return socket.socket(family=family, type=kind, proto=protocol)

    return made
