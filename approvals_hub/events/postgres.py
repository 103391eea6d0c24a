"""A bus over PostgreSQL's LISTEN and NOTIFY, for hub processes that share a database.

A NOTIFY inside a transaction makes its commit take a lock on the whole cluster's queue, so topics travel after the
commit, on a connection of their own, many to a message.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Iterator

import asyncpg  # type: ignore[import-untyped]

from approvals_hub.events.bus import LocalBus, Subscription

_LOG = logging.getLogger(__name__)
_CHANNEL = "approvals_hub"
_MOST_BYTES = 7_900  # PostgreSQL takes payloads shorter than 8000 bytes
_MOST_WAITING = 100_000
_CONNECT_SECONDS = 5.0
_SLOWEST_RETRY_SECONDS = 10.0
_SILENCE_SECONDS = 15.0
_LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What is raised where the connection is gone, or goes in the midst of a statement."""


class PostgresBus:
    """The `Bus` for several processes. Waiters of this process are woken at once, the others after a round trip.

    While the connection is lost nothing travels; when it is back every waiter of this process is woken to read again,
    and everybody elsewhere is told the topics that piled up.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._local = LocalBus()
        self._unsent: dict[str, None] = {}
        self._something = asyncio.Event()
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, *, seconds: float = _CONNECT_SECONDS) -> None:
        """Begin to listen; returns when the first connection stands. Raises TimeoutError when none does in time."""
        self._task = asyncio.create_task(self._keep_listening(), name="postgres bus")
        try:
            await asyncio.wait_for(self._connected.wait(), seconds)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop listening; topics that have not left yet are dropped. Waiters here still hear of local changes."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def connected(self) -> bool:
        """Whether topics travel now; for the readiness check."""
        return self._connected.is_set()

    def subscribe(self, *topics: str) -> Subscription:
        """Hear of every topic published from now on, here or elsewhere."""
        return self._local.subscribe(*topics)

    def publish(self, topics: Iterable[str]) -> None:
        """Wake who waits here now, and who waits elsewhere soon."""
        topics = tuple(topics)
        self._local.publish(topics)
        if len(self._unsent) + len(topics) > _MOST_WAITING:
            # Too much piled up while the server was away; the others read again slowly by themselves.
            self._unsent.clear()
        self._unsent.update(dict.fromkeys(topics))
        self._something.set()

    def wake_everybody(self) -> None:
        """Let every waiter of this process read again."""
        self._local.wake_everybody()

    def __len__(self) -> int:
        """How many topics somebody in this process waits for."""
        return len(self._local)

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(self._uri, timeout=_CONNECT_SECONDS)
            except _LOST as error:
                failures += 1
                _LOG.warning("the bus cannot reach PostgreSQL: %s", error)
                slowest = min(_SLOWEST_RETRY_SECONDS, 0.1 * 2**failures)
                await asyncio.sleep(random.uniform(slowest / 2, slowest))  # noqa: S311 -- no secret
                continue
            try:
                await self._listen(connection)
                failures = 0
            except _LOST as error:
                failures += 1
                _LOG.warning("the bus lost PostgreSQL: %s", error)
            finally:
                self._connected.clear()
                connection.terminate()

    async def _listen(self, connection: asyncpg.Connection) -> None:
        mine = connection.get_server_pid()

        def heard(_: object, pid: int, __: str, payload: str) -> None:
            if pid != mine:
                self._local.publish(payload.split("\n"))

        connection.add_termination_listener(lambda _: self._something.set())
        await connection.add_listener(_CHANNEL, heard)
        self._connected.set()
        self._local.wake_everybody()
        while not connection.is_closed():
            await self._tell_others(connection)
            try:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    await self._something.wait()
            except TimeoutError:
                # A network that drops packets without a word looks like silence.
                await connection.fetchval("SELECT 1", timeout=_CONNECT_SECONDS)
            self._something.clear()

    async def _tell_others(self, connection: asyncpg.Connection) -> None:
        topics, self._unsent = self._unsent, {}
        try:
            for message in messages(topics):
                await connection.fetchval("SELECT pg_notify($1, $2)", _CHANNEL, message, timeout=_CONNECT_SECONDS)
        except BaseException:
            self._unsent = topics | self._unsent  # hearing it twice is harmless
            raise


def messages(topics: Iterable[str]) -> Iterator[str]:
    """Topics in as few payloads as hold them: one on a line, each payload under PostgreSQL's 8000 bytes."""
    batch: list[str] = []
    size = 0
    for topic in topics:
        length = len(topic.encode()) + 1
        if batch and size + length > _MOST_BYTES:
            yield "\n".join(batch)
            batch, size = [], 0
        batch.append(topic)
        size += length
    if batch:
        yield "\n".join(batch)
