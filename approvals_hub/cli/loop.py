"""The event loop of a hub that serves: names are looked up on threads of their own.

asyncio looks names up on the threads that all other blocking work shares, six on a machine with two cores.
`getaddrinfo` cannot be given up: a name server that says nothing holds its thread for half a minute. Six webhooks at
names that nobody answers for would keep the log from being sealed, and a hub from approving anything.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

MOST: Final = 64
"""Different names at a time; one thread each, whoever else asks for the same name."""

Looks = Callable[..., list[Any]]


class HubLoop(asyncio.SelectorEventLoop):
    """A loop whose `getaddrinfo`, which aiohttp, asyncio's own connections and every channel use, takes no thread that
    others need. These threads are not waited for when the process ends."""

    def __init__(self, look: Looks | None = None, most: int = MOST) -> None:
        super().__init__()
        self._look = socket.getaddrinfo if look is None else look
        self._most = most
        self._under_way: dict[tuple[Any, ...], asyncio.Future[list[Any]]] = {}

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 (its name in asyncio)
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """As asyncio's own. Raises socket.gaierror, also (EAI_AGAIN) while too many names are looked up already."""
        wanted = (host, port, family, type, proto, flags)
        found = self._under_way.get(wanted)
        if found is None:
            found = self._begin(wanted)
        # Whoever gives up leaves the others their answer.
        return await asyncio.shield(found)

    def _begin(self, wanted: tuple[Any, ...]) -> asyncio.Future[list[Any]]:
        if len(self._under_way) >= self._most:
            raise socket.gaierror(socket.EAI_AGAIN, "too many names are being looked up")
        found: asyncio.Future[list[Any]] = self.create_future()
        found.add_done_callback(lambda done: self._end(wanted, done))
        self._under_way[wanted] = found
        thread = threading.Thread(target=self._run, args=(wanted, found), name="name", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            found.cancel()
            raise socket.gaierror(socket.EAI_AGAIN, "no thread is left to look a name up") from error
        return found

    def _end(self, wanted: tuple[Any, ...], done: asyncio.Future[list[Any]]) -> None:
        del self._under_way[wanted]
        if not done.cancelled():
            # Everybody may have given up: nobody else would look at it.
            done.exception()

    def _run(self, wanted: tuple[Any, ...], found: asyncio.Future[list[Any]]) -> None:
        settle: Callable[..., None]
        answer: Any
        try:
            settle, answer = found.set_result, self._look(*wanted)
        except Exception as error:
            settle, answer = found.set_exception, error

        def told() -> None:
            if not found.done():
                settle(answer)

        # The loop may have ended meanwhile.
        with suppress(RuntimeError):
            self.call_soon_threadsafe(told)
