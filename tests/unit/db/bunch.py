"""Units of work that SQLite's writer takes together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase


@asynccontextmanager
async def one_bunch(database: SqliteDatabase) -> AsyncIterator[None]:
    """Units put in line meanwhile are taken together."""
    busy, go_on = threading.Event(), threading.Event()

    async def hold(tx: Tx) -> None:
        busy.set()
        go_on.wait(10)

    holding = asyncio.create_task(database.run(hold))
    await asyncio.to_thread(busy.wait, 10)
    yield
    await asyncio.sleep(0)  # lets the tasks put their units in line
    go_on.set()
    await holding


async def together(database: SqliteDatabase, where: str, *works: Any) -> list[Any]:
    """Run the units in one batch; their results and exceptions."""
    for work in works:
        database._writer._pace.took(work, 0.0 if where == "on the loop" else 1e6, 0.0)
    database._writer._loop_seconds = 60.0
    # A busy machine or the garbage collector may make one of them look long, and the rest would move to the thread.
    database._writer._pace._short_seconds = 60.0
    async with one_bunch(database):
        tasks = [asyncio.create_task(database.run(work)) for work in works]
    return await asyncio.gather(*tasks, return_exceptions=True)
