"""HTTP/2 to Apple: whatever a server does, nobody waits for ever, and all learn whether it may have the message."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

import pytest
from aioapns.connection import APNsKeyConnectionPool, APNsTLSClientProtocol
from h2.settings import SettingCodes

from notify.apns_answer import Answer
from notify.apns_connection import LARGEST, SUSPICIOUS, Connection, Connections, NoHttp2, Unanswered
from notify.es256 import signed
from notify.sending import Attempt
from tests.contracts.channels.stage import START
from tests.contracts.channels.stage_apns import KEY, TOKEN
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC, ApnsServer
from tests.fakes.tls import Authority
from tests.fakes.trouble import Trouble

PATH = f"/3/device/{TOKEN}"
HEADERS = {"apns-id": "6c9a3f5e-8f0b-5d0c-9d2e-1f6a55c1a0b7"}
BODY = b'{"aps": {"alert": {"body": "A text"}}, "hub": {"id": "msg_1"}}'
AUTHORITY = Authority()


def authorization() -> str:
    return f"bearer {signed(KEY, {'kid': KEY_ID}, {'iss': TEAM_ID, 'iat': START // 1000})}"


def tls(authority: Authority = AUTHORITY) -> ssl.SSLContext:
    context = authority.trusting()
    context.set_alpn_protocols(["h2"])
    return context


@pytest.fixture
async def server() -> AsyncIterator[ApnsServer]:
    found = ApnsServer(AUTHORITY, KEY.public_key(), now=START)
    found.devices[TOKEN] = "anna"
    await found.open()
    yield found
    await found.close()


@pytest.fixture
async def connections(server: ApnsServer) -> AsyncIterator[Connections]:
    found = Connections("localhost", server.port, topic=TOPIC, token=authorization, tls=tls())
    yield found
    found.close()


async def ask(connections: Connections, body: bytes = BODY, attempt: Attempt | None = None) -> Answer:
    async with asyncio.timeout(10):
        return await connections.ask(PATH, HEADERS, body, attempt or Attempt())


async def unanswered(connections: Connections) -> Unanswered:
    with pytest.raises(Unanswered) as found:
        await ask(connections)
    return found.value


def test_what_is_mended_here_is_still_as_it_was() -> None:
    """Guard: `apns_connection` builds on the insides of this very version."""
    assert version("aioapns") == "4.0"
    assert {"acquire", "_create_connection", "discard_connection"} <= set(dir(APNsKeyConnectionPool))
    assert {"connection_made", "flush", "close", "is_busy", "INACTIVITY_TIME"} <= set(dir(APNsTLSClientProtocol))


async def test_many_messages_go_over_one_connection(server: ApnsServer, connections: Connections) -> None:
    await ask(connections)
    answers = await asyncio.gather(*(ask(connections) for _ in range(30)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"")}
    assert (len(server.arrived), len(server.sessions)) == (31, 1)


@pytest.mark.parametrize(("odd", "body"), [("split", True), ("nameless", True), ("empty", False), (None, True)])
async def test_a_refusal_in_two_parts_without_a_body_or_without_an_id_is_an_answer(
    server: ApnsServer, connections: Connections, odd: str | None, body: bool
) -> None:
    server.odd, server.refusal = odd, (400, {"reason": "BadTopic"})
    answer = await ask(connections)
    assert (answer.status, answer.reason()) == (400, "BadTopic" if body else None)
    server.odd = server.refusal = None
    assert (await ask(connections)).status == 200


async def test_received_bytes_are_given_back_so_that_refusals_never_dry_up(
    server: ApnsServer, connections: Connections
) -> None:
    server.refusal = (400, {"reason": "BadTopic", "more": "x" * 10_000})
    for _ in range(20):  # 200 kB, where the window is 64 KiB
        assert (await ask(connections)).reason() == "BadTopic"
    assert len(server.sessions) == 1


async def test_a_stream_that_is_reset_leaves_open_whether_it_was_taken(
    server: ApnsServer, connections: Connections
) -> None:
    server.odd = "reset"
    assert (await unanswered(connections)).taken
    server.odd = None
    assert (await ask(connections)).status == 200
    assert len(server.sessions) == 1, "the connection is good all the same"


@pytest.mark.parametrize(("odd", "taken"), [("goaway", False), ("goaway after", True)])
async def test_a_server_that_goes_away_says_which_messages_it_never_looked_at(
    server: ApnsServer, connections: Connections, odd: str, taken: bool
) -> None:
    server.odd = odd
    assert (await unanswered(connections)).taken == taken
    server.odd = None
    assert (await ask(connections)).status == 200
    assert len(server.sessions) == 2


async def test_a_server_that_goes_away_with_its_first_words_is_not_kept(
    server: ApnsServer, connections: Connections
) -> None:
    server.odd = "goaway at once"
    assert not (await unanswered(connections)).taken
    assert connections.connections == []
    server.odd = None
    assert (await ask(connections)).status == 200


async def test_a_status_that_is_no_number_ends_the_connection(server: ApnsServer, connections: Connections) -> None:
    server.odd = "no status"
    assert (await unanswered(connections)).taken
    server.odd = None
    assert (await ask(connections)).status == 200


async def test_nothing_is_asked_before_the_server_has_said_what_it_allows(
    server: ApnsServer, connections: Connections
) -> None:
    attempt = Attempt()
    with server.plays(Trouble.SILENT):
        asking = asyncio.create_task(ask(connections, attempt=attempt))
        await server.asked.wait()
        asking.cancel()
        await asyncio.wait([asking])
    assert not attempt.on_its_way
    assert connections.connections == []


async def test_no_more_streams_are_open_than_the_server_allows(server: ApnsServer, connections: Connections) -> None:
    server.settings = {SettingCodes.MAX_CONCURRENT_STREAMS: 2}
    answers = await asyncio.gather(*(ask(connections) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert (server.most_at_once <= 2, len(server.sessions)) == (True, 1)


async def test_messages_wait_for_the_servers_window_and_all_arrive(
    server: ApnsServer, connections: Connections
) -> None:
    large = BODY[:-1] + b" " * 4000 + b"}"
    answers = await asyncio.gather(*(ask(connections, large) for _ in range(40)))  # 160 kB, where 64 KiB are allowed
    assert {answer.status for answer in answers} == {200}


async def test_whoever_waits_for_a_window_that_never_opens_can_be_given_up(
    server: ApnsServer, connections: Connections
) -> None:
    server.odd = "stalled"
    server.settings = {SettingCodes.INITIAL_WINDOW_SIZE: 10}
    attempt = Attempt()
    waiting = asyncio.create_task(ask(connections, attempt=attempt))
    await server.asked.wait()
    # Another question comes to the same connection: both stand before the window.
    other = asyncio.create_task(ask(connections))
    while not connections.connections:
        await asyncio.sleep(0)
    for task in (waiting, other):
        task.cancel()
    await asyncio.wait([waiting, other])
    assert (attempt.on_its_way, server.seen) == (False, [])


async def test_a_question_that_is_given_up_frees_its_stream(server: ApnsServer, connections: Connections) -> None:
    server.settings = {SettingCodes.MAX_CONCURRENT_STREAMS: 1}
    server.odd = "mute"
    asking = asyncio.create_task(ask(connections))
    await server.questioned.wait()
    asking.cancel()
    await asyncio.wait([asking])
    server.odd = None
    assert (await ask(connections)).status == 200
    assert (server.resets, len(server.sessions)) == (1, 1)


async def test_a_half_open_connection_is_dropped_by_the_first_who_waited_in_vain(
    server: ApnsServer, connections: Connections
) -> None:
    await ask(connections)
    with server.plays(Trouble.SILENT), pytest.raises(TimeoutError):
        async with asyncio.timeout(SUSPICIOUS + 0.1):
            await connections.ask(PATH, HEADERS, BODY, Attempt())
    assert connections.connections == []
    assert (await ask(connections)).status == 200
    assert len(server.sessions) == 2


async def test_a_connection_that_the_server_ended_is_not_used_again(
    server: ApnsServer, connections: Connections
) -> None:
    await ask(connections)
    async with server.is_down():
        while connections.connections:
            await asyncio.sleep(0.001)
        with pytest.raises(OSError, match=r".*"):
            await ask(connections)
    assert (await ask(connections)).status == 200


async def test_an_answer_without_an_end_is_cut_off(server: ApnsServer, connections: Connections) -> None:
    with server.plays(Trouble.FLOODS):
        assert (await unanswered(connections)).taken
        await server.hung_up_on.wait()
    server.refusal = (400, {"reason": "x" * (LARGEST + 1)})
    assert (await unanswered(connections)).taken


async def test_whoever_speaks_tls_and_no_http2_gets_nothing() -> None:
    other = ApnsServer(AUTHORITY, KEY.public_key(), now=START, alpn="http/1.1")
    await other.open()
    connections = Connections("localhost", other.port, topic=TOPIC, token=authorization, tls=tls())
    with pytest.raises(NoHttp2):
        await ask(connections)
    assert other.seen == []
    await other.close()


async def test_a_server_that_the_authority_does_not_vouch_for_gets_no_token(server: ApnsServer) -> None:
    connections = Connections("localhost", server.port, topic=TOPIC, token=authorization, tls=tls(Authority()))
    with pytest.raises(ssl.SSLCertVerificationError):
        await ask(connections)
    assert server.seen == []


async def test_what_is_closed_is_opened_again_for_the_next_message(
    server: ApnsServer, connections: Connections
) -> None:
    await ask(connections)
    connections.close()
    connections.close()
    assert connections.connections == []
    assert (await ask(connections)).status == 200


async def test_a_connection_that_nobody_uses_is_closed(server: ApnsServer) -> None:
    class Short(Connection):
        INACTIVITY_TIME: Any = 0.3

    connections = Connections("localhost", server.port, topic=TOPIC, token=authorization, tls=tls())
    members = {"APNS_SERVER": "localhost", "APNS_PORT": server.port}
    connections.protocol_class = type("ShortToHost", (Short,), members)
    await ask(connections)
    async with asyncio.timeout(10):
        while connections.connections:
            await asyncio.sleep(0.01)
