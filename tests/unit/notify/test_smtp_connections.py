"""Connections that are kept, lent, and thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiosmtplib import SMTP

from notify.smtp_connections import Connections
from tests.fakes.smtp_server import HOST, SmtpServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    found = SmtpServer(Authority(), mode="none")
    await found.open()
    yield found
    await found.close()


def connections(server: SmtpServer, *, most: int = 1, idle: float = 60.0) -> Connections:
    async def connect() -> SMTP:
        connection = SMTP(hostname=HOST, port=server.port, start_tls=False, local_hostname="hub.example", timeout=None)
        await connection.connect()
        return connection

    return Connections(connect, most=most, idle=idle)


async def test_a_connection_is_lent_again(server: SmtpServer) -> None:
    pool = connections(server)
    for _ in range(5):
        async with pool.lent() as connection:
            await connection.noop()
    assert len(server.sessions) == 1
    await pool.close()


async def test_no_two_tasks_have_the_same_connection(server: SmtpServer) -> None:
    pool = connections(server, most=3)
    lent: list[SMTP] = []
    most_at_once = 0

    async def use() -> None:
        nonlocal most_at_once
        async with pool.lent() as connection:
            assert connection not in lent
            lent.append(connection)
            most_at_once = max(most_at_once, len(lent))
            await connection.noop()
            lent.remove(connection)

    await asyncio.gather(*(use() for _ in range(20)))
    assert most_at_once == 3
    assert len(server.sessions) == 3
    await pool.close()


async def test_a_connection_whose_user_failed_is_not_lent_again(server: SmtpServer) -> None:
    pool = connections(server)
    with pytest.raises(KeyError):
        async with pool.lent():
            raise KeyError
    async with pool.lent() as connection:
        await connection.noop()
    assert len(server.sessions) == 2
    await pool.close()


async def test_a_connection_that_is_thrown_away_does_not_wait_for_a_silent_servers_goodbye() -> None:
    authority = Authority()
    server = SmtpServer(authority, mode="implicit")
    await server.open()

    async def connect() -> SMTP:
        tls = authority.trusting()
        connection = SMTP(hostname=HOST, port=server.port, use_tls=True, tls_context=tls, local_hostname="hub.example")
        await connection.connect()
        return connection

    pool = Connections(connect, most=1)
    with pytest.raises(KeyError):  # noqa: PT012 - what is raised must be raised while it is lent
        async with pool.lent() as connection:
            assert connection.transport is not None
            socket = connection.transport.get_extra_info("socket")
            transport = server.sessions[0].transport
            assert isinstance(transport, asyncio.ReadTransport)
            transport.pause_reading()
            raise KeyError
    async with asyncio.timeout(10):
        while socket.fileno() != -1:
            await asyncio.sleep(0)
    await server.close()


async def test_a_user_who_is_cancelled_gives_the_turn_back(server: SmtpServer) -> None:
    pool = connections(server)
    began = asyncio.Event()

    async def hold() -> None:
        async with pool.lent():
            began.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await began.wait()
    holding.cancel()
    await asyncio.wait([holding])
    async with asyncio.timeout(2), pool.lent() as connection:
        await connection.noop()
    await pool.close()


async def test_a_failure_to_connect_gives_the_turn_back(server: SmtpServer) -> None:
    pool = connections(server)
    async with server.is_down():
        with pytest.raises(OSError, match="connecting"):
            async with pool.lent():
                pass
    async with asyncio.timeout(2), pool.lent() as connection:
        await connection.noop()
    await pool.close()


async def test_a_connection_that_the_server_ended_is_replaced_unseen(server: SmtpServer) -> None:
    pool = connections(server)
    async with pool.lent() as connection:
        await connection.noop()
    server.hang_up()
    async with pool.lent() as connection:
        await connection.noop()
    assert len(server.sessions) == 2
    await pool.close()


async def test_a_connection_that_does_not_answer_any_more_is_replaced(server: SmtpServer) -> None:
    pool = connections(server)
    async with pool.lent() as connection:
        await connection.noop()
    with server.plays(Trouble.REFUSES_US):  # RSET is then answered by hanging up
        async with pool.lent() as connection:
            await connection.noop()
    assert len(server.sessions) == 2
    await pool.close()


async def test_a_connection_that_was_idle_for_long_is_replaced(server: SmtpServer) -> None:
    pool = connections(server, idle=0.0)
    for _ in range(2):
        async with pool.lent() as connection:
            await connection.noop()
    assert len(server.sessions) == 2
    await pool.close()


async def test_what_the_last_mail_left_behind_is_forgotten(server: SmtpServer) -> None:
    pool = connections(server)
    async with pool.lent() as connection:
        await connection.mail("hub@example.se")
        await connection.rcpt("anna@example.se")
    async with pool.lent() as connection:
        await connection.mail("hub@example.se")
        await connection.rcpt("bo@example.se")
        await connection.data("Subject: x\r\nMessage-ID: <a@b>\r\n\r\nx\r\n")
    assert [arrival.to for arrival in server.arrived] == ["bo@example.se"]
    await pool.close()


async def test_closing_ends_what_nobody_uses_and_leaves_what_is_lent(server: SmtpServer) -> None:
    pool = connections(server, most=2)
    async with pool.lent() as lent:
        async with pool.lent() as idle:
            pass
        await pool.close()
        assert not idle.is_connected
        assert lent.is_connected
        await lent.noop()
    await pool.close()
    assert not lent.is_connected
