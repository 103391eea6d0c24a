"""Topics that travel between processes over PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from approvals_hub.events.postgres import PostgresBus, messages
from tests.postgres_server import PostgresServer

SECONDS = 10.0


@pytest.fixture
async def buses(postgres_uri: str) -> AsyncIterator[tuple[PostgresBus, PostgresBus]]:
    """Two buses on one database, as two processes have."""
    here, there = PostgresBus(postgres_uri), PostgresBus(postgres_uri)
    await here.start()
    await there.start()
    yield here, there
    await here.close()
    await there.close()


@pytest.fixture
async def owner(postgres_server: PostgresServer, postgres_uri: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the test's database."""
    connection = await asyncpg.connect(postgres_server.as_superuser(postgres_uri))
    yield connection
    await connection.close()


async def test_a_topic_wakes_waiters_here_at_once_and_there_soon(buses: tuple[PostgresBus, PostgresBus]) -> None:
    here, there = buses
    with here.subscribe("esc_1") as near, there.subscribe("esc_1") as far:
        here.publish(["esc_1"])
        assert await near.wait(0) is True
        assert await far.wait(SECONDS) is True


async def test_its_own_message_does_not_wake_a_process_twice(buses: tuple[PostgresBus, PostgresBus]) -> None:
    here, there = buses
    with here.subscribe("esc_1") as near, there.subscribe("esc_2") as far, here.subscribe("esc_3") as end:
        here.publish(["esc_1"])
        assert await near.wait(0) is True
        here.publish(["esc_2"])
        assert await far.wait(SECONDS) is True
        there.publish(["esc_3"])  # comes back on the same connection as anything sent before
        assert await end.wait(SECONDS) is True
        assert await near.wait(0) is False


async def test_many_topics_of_one_tick_travel_in_few_messages(
    buses: tuple[PostgresBus, PostgresBus], owner: asyncpg.Connection
) -> None:
    here, there = buses
    payloads: list[str] = []
    await owner.add_listener("approvals_hub", lambda *heard: payloads.append(heard[3]))
    topics = [f"esc_{number:026}" for number in range(1_000)]
    with there.subscribe(topics[-1]) as last:
        for topic in topics:
            here.publish([topic])
            here.publish([topic])
        assert await last.wait(SECONDS) is True
    await owner.fetchval("SELECT 1")  # what was sent before is here now
    assert [topic for payload in payloads for topic in payload.split("\n")] == topics
    assert len(payloads) == 4  # 1000 topics of 31 bytes with their line feeds, at most 7900 bytes each


async def test_a_lost_connection_comes_back_and_everybody_reads_again(
    buses: tuple[PostgresBus, PostgresBus], owner: asyncpg.Connection
) -> None:
    here, there = buses
    with there.subscribe("esc_1") as waiter:
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert await waiter.wait(SECONDS) is True
        here.publish(["esc_1"])
        assert await waiter.wait(SECONDS) is True


async def test_topics_published_while_the_server_is_away_travel_when_it_is_back(postgres_uri: str) -> None:
    here, there = PostgresBus(postgres_uri), PostgresBus(postgres_uri)
    await there.start()
    with there.subscribe("esc_1") as waiter:
        here.publish(["esc_1"])  # not connected yet
        assert await waiter.wait(0) is False
        await here.start()
        assert await waiter.wait(SECONDS) is True
    await here.close()
    await there.close()


async def test_a_bus_without_a_server_does_not_start(postgres_uri: str) -> None:
    bus = PostgresBus("postgresql://hub@localhost/x?host=/nowhere")
    with pytest.raises(TimeoutError):
        await bus.start(seconds=0.05)
    assert not bus.connected()
    with bus.subscribe("esc_1") as waiter:
        bus.publish(["esc_1"])
        assert await waiter.wait(0) is True  # here it works all the same
    await bus.close()


def test_a_message_stays_under_the_servers_limit() -> None:
    topics = [f"esc_{number:026}" for number in range(1_000)]
    parts = list(messages(topics))
    assert max(len(part.encode()) for part in parts) < 8_000
    assert "\n".join(parts).split("\n") == topics
    assert list(messages([])) == []


async def test_waiting_ends_with_closing_nothing_left(postgres_uri: str) -> None:
    before = asyncio.all_tasks()
    bus = PostgresBus(postgres_uri)
    await bus.start()
    assert bus.connected()
    await bus.close()
    await bus.close()
    assert asyncio.all_tasks() == before
