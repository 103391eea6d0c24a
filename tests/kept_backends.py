"""PostgreSQL's processes behind connections that were closed in order, kept for the next connection of the same kind.

A new process of the server reads all that it must know of fifty tables before it answers, which takes longer than most
tests do. This is a pooler in session mode within the tests' own process: whoever connects to the run's server speaks to
it as always, over its own socket, and gets either a new process or one whose session was discarded.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import threading
from asyncio import unix_events
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SESSION = struct.pack("!I", 196_608)
"""What a message that begins a session says first; one that cancels a statement says something else."""

TERMINATE = b"X\x00\x00\x00\x04"
READY = b"Z\x00\x00\x00\x05I"


def _query(text: bytes) -> bytes:
    return b"Q" + struct.pack("!I", len(text) + 5) + text + b"\0"


RESET = _query(b"ROLLBACK") + _query(b"DISCARD ALL")
"""Whatever a session left open, set, prepared, locked or listened to goes with it."""

DISCARDED = b"C\x00\x00\x00\x10DISCARD ALL\x00"
"""What the last of it is answered with, before the server is ready again."""

MOST = 16
MOST_OF_A_KIND = 3
"""So many are kept: the server takes a hundred connections, of all workers together."""


@dataclass(frozen=True)
class Backend:
    """One process of the server that nobody uses now."""

    greeting: bytes
    """What it answered when it began: the settings it reports, its number, the secret that cancels its statements."""
    handle: int
    """Of the socket that leads to it."""
    owner: int
    """The process that kept it; one that was forked from it has the handle too, and may not use it."""

    @property
    def number(self) -> int:
        """The server's number for it."""
        place = self.greeting.index(b"K\x00\x00\x00\x0c")
        return int.from_bytes(self.greeting[place + 5 : place + 9], "big")


class KeptBackends:
    """Those that nobody uses now, by the message that began their session: it names role, database and settings."""

    def __init__(self) -> None:
        self._free: dict[bytes, list[Backend]] = {}
        self._lock = threading.Lock()
        self._plain: Any = None
        self._database = b""

    def serve(self, folder: str, prefix: str) -> None:
        """From now on, connections to databases of this prefix at a server's socket in this folder are these."""
        self._database = b"\0database\0" + prefix.encode()
        plain = unix_events._UnixSelectorEventLoop.create_unix_connection  # type: ignore[attr-defined]
        if self._plain is not None:
            return
        self._plain = plain

        async def connect(loop: Any, protocol_factory: Any, path: Any = None, **options: Any) -> Any:
            if not str(path).startswith(folder) or options:
                return await plain(loop, protocol_factory, path, **options)
            protocol = protocol_factory()
            line = _Line(self, loop, protocol, path)
            protocol.connection_made(line)
            return line, protocol

        unix_events._UnixSelectorEventLoop.create_unix_connection = connect  # type: ignore[attr-defined]

    async def real(self, loop: Any, protocol: asyncio.Protocol, path: str | None, way: socket.socket | None) -> Any:
        """A connection as the event loop makes it."""
        transport, _ = await self._plain(loop, lambda: protocol, path, sock=way)
        return transport

    def take(self, beginning: bytes) -> tuple[Backend, socket.socket] | None:
        """One whose session is as new. Those that have ended, or say anything unexpected, are let go."""
        while True:
            with self._lock:
                free = self._free.get(beginning)
                if not free:
                    return None
                backend = free.pop()
            if backend.owner != os.getpid():
                continue
            way = socket.socket(fileno=backend.handle)
            if _is_reset(way):
                way.setblocking(False)
                return backend, way
            way.close()

    def serves(self, beginning: bytes) -> bool:
        """Whether this message begins a session at such a database."""
        return beginning[4:8] == SESSION and self._database in beginning

    def keep(self, beginning: bytes, greeting: bytes, handle: int) -> None:
        """Have the process behind this socket forget its session, and keep it."""
        backend = Backend(greeting, os.dup(handle), os.getpid())
        with self._lock:
            free = self._free.setdefault(beginning, [])
            if len(free) < MOST_OF_A_KIND and os.write(backend.handle, RESET) == len(RESET):
                free.append(backend)
                self._let_go_of_the_oldest()
            else:
                os.close(backend.handle)

    def _let_go_of_the_oldest(self) -> None:
        kinds = list(self._free)
        while sum(len(self._free[kind]) for kind in kinds) > MOST:
            oldest = next(kind for kind in kinds if self._free[kind])
            os.close(self._free[oldest].pop(0).handle)

    def numbers(self) -> list[int]:
        """The server's numbers for all that are kept."""
        with self._lock:
            return [one.number for free in self._free.values() for one in free]

    def forget(self, database: str = "") -> None:
        """Let go of those of one database, or of all."""
        name = b"\0" + database.encode() + b"\0" if database else b""
        with self._lock:
            for beginning in [key for key in self._free if name in key]:
                for one in self._free.pop(beginning):
                    os.close(one.handle)


KEPT = KeptBackends()
"""Those of this process."""


def _is_reset(way: socket.socket) -> bool:
    """Read until the answer to `RESET` has come: answers to what was asked before may come first."""
    way.settimeout(10)
    got, is_discarded = b"", False
    try:
        while more := way.recv(65536):
            got += more
            while len(got) >= 5 and len(got) > (length := int.from_bytes(got[1:5], "big")):
                message, got = got[: length + 1], got[length + 1 :]
                if message.startswith(b"E"):
                    return False
                if is_discarded and message.startswith(READY):
                    return not got
                is_discarded = is_discarded or message == DISCARDED
    except OSError:
        return False
    return False


class _Line:
    """A transport of asyncio that learns by what is written to it first to which process of the server it leads."""

    def __init__(self, kept: KeptBackends, loop: asyncio.AbstractEventLoop, protocol: Any, path: str) -> None:
        self._kept = kept
        self._loop = loop
        self._protocol = protocol
        self._path = path
        self._real: Any = None
        self._search: asyncio.Task[None] | None = None
        self._beginning = b""
        self._greeting = b""

    def write(self, data: Any) -> None:
        if self._real is None:
            self._search = self._loop.create_task(self._find(bytes(data)))
        elif self._greeting and data == TERMINATE:
            self._kept.keep(self._beginning, self._greeting, self._real.get_extra_info("socket").fileno())
            self._real.abort()
        else:
            self._real.write(data)

    def writelines(self, parts: Any) -> None:
        self._real.writelines(parts)

    def abort(self) -> None:
        if self._real is not None:
            self._real.abort()
        elif self._search is not None:
            self._search.cancel()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default if self._real is None else self._real.get_extra_info(name, default)

    def greeted(self, greeting: bytes) -> None:
        """The session has begun: from here on nothing stands between the process and who speaks to it."""
        self._greeting = greeting
        self._real.set_protocol(self._protocol)

    async def _find(self, beginning: bytes) -> None:
        self._beginning = beginning
        serves = self._kept.serves(beginning)
        found = self._kept.take(beginning) if serves else None
        listener = _Greeting(self._protocol, self.greeted if serves else None)
        if found is None:
            self._real = await self._kept.real(self._loop, listener, self._path, None)
            self._real.write(beginning)
        else:
            backend, way = found
            self._real = await self._kept.real(self._loop, listener, None, way)
            listener.data_received(backend.greeting)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Greeting(asyncio.Protocol):
    """Hands on what a process of the server says, and remembers it until its session has begun."""

    def __init__(self, protocol: Any, greeted: Callable[[bytes], None] | None) -> None:
        self._protocol = protocol
        self._greeted = greeted
        self._greeting = b""

    def data_received(self, data: bytes) -> None:
        self._greeting += data
        if self._greeted is not None and self._greeting.endswith(READY):
            self._greeted(self._greeting)
        self._protocol.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)
