"""Sessions that know no way inside: by literal, by name, by a name that changes, over IPv6, over a proxy."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp import ClientConnectorError, ClientSession, InvalidURL
from aiohttp.abc import AbstractResolver, ResolveResult

from notify.delivery import Cause, Failed, TryLater
from notify.exchange import Answer, Request, ask
from notify.guarded import Forbidden, guarded_dial, guarded_session
from notify.networks import networks
from notify.sending import Attempt
from tests.unit.notify.test_exchange import Scripted, answering

LOCAL = networks(["127.0.0.1/32"])


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    found = Scripted()
    found.answering = answering(200)
    await found.open()
    yield found
    await found.close()


class Names(AbstractResolver):
    """Tells the given answers in turn, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [self._one(host, port, address) for address in told]

    async def close(self) -> None: ...

    def _one(self, host: str, port: int, address: str) -> ResolveResult:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )


async def reached(session: ClientSession, url: str) -> bool:
    """Whether somebody answers. Raises what else happens than that the address is forbidden."""
    try:
        async with session.get(url, allow_redirects=False):
            return True
    except InvalidURL:
        return False  # aiohttp by itself, for numbers that are no canonical address
    except ClientConnectorError as error:
        if not isinstance(error.os_error, Forbidden):
            raise
        return False


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "127.0.0.2",
    ],
)
async def test_a_literal_or_name_of_this_machine_is_not_reached_however_it_is_written(
    server: Scripted, host: str
) -> None:
    async with guarded_session() as session:
        assert not await reached(session, f"http://{host}:{server._port}/")
    assert server.seen == []


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "192.168.0.1", "100.100.100.200", "[fd00:ec2::254]"])
async def test_metadata_and_inner_networks_are_refused_before_a_packet_leaves(host: str) -> None:
    async with guarded_session() as session:
        assert not await reached(session, f"http://{host}/latest/meta-data/")


async def test_a_network_that_is_allowed_is_reached(server: Scripted) -> None:
    async with guarded_session(LOCAL) as session:
        assert await reached(session, server.base_url)


async def test_a_public_name_that_points_inside_is_not_reached(server: Scripted) -> None:
    async with guarded_session(resolver=Names(["127.0.0.1"])) as session:
        assert not await reached(session, f"http://hooks.example:{server._port}/")
    assert server.seen == []


async def test_a_name_that_is_rebound_after_it_was_looked_at_is_not_reached(server: Scripted) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with guarded_session(LOCAL, resolver=names) as session:
        url = f"http://hooks.example:{server._port}/"
        async with session.get(url, headers={"Connection": "close"}) as response:
            assert response.status == 200
        assert not await reached(session, url)
    assert len(server.seen) == 1


async def test_of_several_addresses_only_those_that_are_allowed_are_tried(server: Scripted) -> None:
    async with guarded_session(LOCAL, resolver=Names(["10.0.0.1", "::1", "127.0.0.1"])) as session:
        assert await reached(session, f"http://hooks.example:{server._port}/")


async def test_a_proxy_of_the_environment_is_not_asked(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.base_url)
    async with guarded_session() as session:
        assert not await reached(session, "http://10.0.0.1/")
    assert server.seen == []


async def test_a_cookie_is_not_kept(server: Scripted) -> None:
    server.answering = answering(200, headers={"Set-Cookie": "a=b"})
    async with guarded_session(LOCAL) as session:
        await reached(session, server.base_url)
        await reached(session, server.base_url)
    assert "Cookie" not in server.seen[-1].headers


async def test_a_message_to_an_inner_address_fails_for_good_and_tells_nothing_of_it(server: Scripted) -> None:
    for names in (Names(["127.0.0.1"]), Names(["10.0.0.1", "10.0.0.2"])):
        async with guarded_session(resolver=names) as session:
            request = Request("POST", f"http://hooks.example:{server._port}/", {}, b"body")
            result = await ask(session, request, Attempt())
        assert isinstance(result, Failed)
        assert (result.cause, "10." in result.why or "127." in result.why) == (Cause.PERMANENT, False)


async def test_an_allowed_address_where_nobody_listens_is_an_outage(server: Scripted) -> None:
    async with guarded_session(LOCAL) as session:
        await server.close()
        assert isinstance(await ask(session, Request("POST", server.base_url, {}, b""), Attempt()), TryLater)


async def test_an_answer_is_read_as_by_any_session(server: Scripted) -> None:
    async with guarded_session(LOCAL) as session:
        assert isinstance(await ask(session, Request("POST", server.base_url, {}, b""), Attempt()), Answer)


async def test_what_speaks_no_http_dials_over_the_same_guard(server: Scripted) -> None:
    for host in ("127.0.0.1", "localhost", "::1", "169.254.169.254", "0.0.0.0"):
        with pytest.raises(Forbidden):
            await guarded_dial()(host, server._port)
    opened = await guarded_dial(LOCAL)("localhost", server._port)
    assert opened.getpeername()[0] == "127.0.0.1"
    opened.close()
    with pytest.raises(ConnectionRefusedError):
        await guarded_dial(LOCAL)("127.0.0.1", 9)
