"""Stands before a fake vendor and lets its answers through in slices, as slow or split lines do: below TLS and whatever
is spoken in it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"


@asynccontextmanager
async def slicing(port: int, to: int, *, size: int, pause: float) -> AsyncIterator[None]:
    """Within: whoever connects to `port` reaches `to`, and reads `size` bytes every `pause` seconds."""
    tasks: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection(HOST, to)
        asked = asyncio.create_task(_all(reader, far_writer))
        try:
            with contextlib.suppress(OSError):
                await _slices(far_reader, writer, size, pause)
        finally:
            asked.cancel()
            for each in (writer, far_writer):
                each.transport.abort() if each.transport.get_write_buffer_size() else each.close()
            await asyncio.wait([asked])
            tasks.discard(task)

    server = await asyncio.start_server(carry, HOST, port)
    try:
        yield
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()


async def _all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    # Whoever gives up tells the vendor so.
    writer.close()


async def _slices(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int, pause: float) -> None:
    while data := await reader.read(size):
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(pause)
