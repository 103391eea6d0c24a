"""A few open connections to one SMTP server, each lent to one sender at a time: SMTP is command by command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiosmtplib import SMTP

IDLE = 60.0
"""Seconds after which a connection that nobody used is not used again: servers close them, firewalls forget them."""
SOUND = 1.0
"""Seconds within which a kept connection must answer before it is used again."""
GOODBYE = 1.0
"""Seconds that a server is given to answer QUIT."""


class Connections:
    """At most `most` at once; who wants one more waits.

    `connect` opens one that is ready for MAIL, and that has no time limit of its own.
    """

    def __init__(self, connect: Callable[[], Awaitable[SMTP]], *, most: int, idle: float = IDLE) -> None:
        """`idle` is in seconds."""
        self._connect = connect
        self._idle = idle
        self._turns = asyncio.Semaphore(most)
        self._kept: list[tuple[SMTP, float]] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[SMTP]:
        """A connection for one mail. Raises what `connect` raises.

        It is kept afterwards, unless the body raises: nobody knows then which command the next answer would be for.
        """
        async with self._turns:
            connection = await self._sound_one() or await self._connect()
            try:
                yield connection
            except BaseException:
                _drop(connection)
                raise
            self._kept.append((connection, asyncio.get_running_loop().time()))

    async def close(self) -> None:
        """Say goodbye on those that nobody uses; those that are lent are kept when they come back."""
        kept, self._kept = self._kept, []
        await asyncio.gather(*(_quit(connection) for connection, _ in kept))

    async def _sound_one(self) -> SMTP | None:
        """The one that was used last, if it still answers. RSET also forgets what the last mail left behind."""
        while self._kept:
            connection, since = self._kept.pop()
            fresh = asyncio.get_running_loop().time() - since < self._idle
            if fresh and connection.is_connected and await _answers(connection):
                return connection
            _drop(connection)
        return None


async def _answers(connection: SMTP) -> bool:
    from aiosmtplib import SMTPException

    try:
        async with asyncio.timeout(SOUND):
            await connection.rset()
    except (SMTPException, OSError):
        return False
    except BaseException:
        _drop(connection)
        raise
    return True


async def _quit(connection: SMTP) -> None:
    from aiosmtplib import SMTPException

    try:
        async with asyncio.timeout(GOODBYE):
            await connection.quit()
    except (SMTPException, OSError):
        pass
    finally:
        _drop(connection)


def _drop(connection: SMTP) -> None:
    """Close without waiting for the other side, which may be silent: TLS would wait for its goodbye."""
    # Before it is closed: what is closed once more has nothing left to end, and Python 3.11.2 raises then.
    if isinstance(connection.transport, asyncio.WriteTransport):
        connection.transport.abort()
    connection.close()
