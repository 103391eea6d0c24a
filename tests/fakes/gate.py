"""Stands before a fake vendor and holds what passes, at a moment that a test chooses: whoever sends is killed then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

HOST = "127.0.0.1"


class Gate:
    """Before the port of one vendor, whose fake says afterwards that it listens here.

    Shut, it takes connections, and lets nothing through to the vendor: not even a handshake comes about. `mute`, it
    lets everything through but what the vendor says once it has taken a message.
    """

    def __init__(self, vendor: Any) -> None:
        """`vendor` listens already, and appends to `arrived` before it answers."""
        self.shut = False
        self.mute = False
        self.came = asyncio.Event()
        """Set when somebody stands before it while it is shut."""
        self.taken = asyncio.Event()
        """Set when an answer was held back: the vendor has the message."""
        self._vendor = vendor
        self._name = "_port" if hasattr(vendor, "_port") else "port"
        self._behind: int = getattr(vendor, self._name)
        self._before = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Stand there, and let everything through."""
        self._server = await asyncio.start_server(self._pass, HOST, 0)
        setattr(self._vendor, self._name, self._server.sockets[0].getsockname()[1])

    def plays(self, *, shut: bool = False, mute: bool = False) -> None:
        """From now on; whoever was held is hung up on, and nothing of theirs goes further."""
        for task in self._tasks:
            task.cancel()
        self.shut, self.mute, self._before = shut, mute, len(self._vendor.arrived)
        self.came.clear()
        self.taken.clear()

    async def close(self) -> None:
        """Hang up on everybody, and let the vendor be where it was."""
        setattr(self._vendor, self._name, self._behind)
        assert self._server is not None
        self._server.close()
        self.plays()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # The end of a test, or the next mood, cancels whoever is held; the reader of a stream would log that.
        with contextlib.suppress(asyncio.CancelledError, OSError):
            if self.shut:
                self.came.set()
                await asyncio.Event().wait()
            await self._carry(reader, writer)
        self._tasks.discard(task)
        writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_read, to_write = await asyncio.open_connection(HOST, self._behind)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pipe(reader, to_write, said_by_vendor=False))
                both.create_task(self._pipe(to_read, writer, said_by_vendor=True))
        finally:
            to_write.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, said_by_vendor: bool) -> None:
        while data := await reader.read(65536):
            if said_by_vendor and self.mute and len(self._vendor.arrived) > self._before:
                self.taken.set()
                await asyncio.Event().wait()
            writer.write(data)
        writer.transport.abort()


@asynccontextmanager
async def gates(*vendors: Any) -> AsyncIterator[list[Gate]]:
    """One before each."""
    made = [Gate(vendor) for vendor in vendors]
    for gate in made:
        await gate.open()
    try:
        yield made
    finally:
        for gate in made:
            await gate.close()
