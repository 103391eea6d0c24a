"""The tasks that a call started, told from those of the servers that it speaks to on the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextmanager
def started(call: Coroutine[Any, Any, Any]) -> Iterator[list[asyncio.Task[Any]]]:
    """The call's own task, and every one that it starts, in turn or through a callback, as they come.

    A server's tasks begin in the server's context, whenever the call reaches it.
    """
    loop, found = asyncio.get_running_loop(), list[asyncio.Task[Any]]()

    def note(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
        if _inside.get():
            found.append(task)
        return task

    before = loop.get_task_factory()
    loop.set_task_factory(note)
    mark = _inside.set(True)
    try:
        loop.create_task(call)
        _inside.reset(mark)
        yield found
    finally:
        loop.set_task_factory(before)
