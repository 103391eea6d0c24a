"""All escalations of an agent on one socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from yarl import URL

from approvals_hub.api.application import begin_stop
from approvals_hub.api.limits import MESSAGE, VERSIONS
from tests.flows.slowed import slowed
from tests.unit.api.web_client import HOST, Web
from tests.unit.hub_fixture import PUBLIC_URL

PATH = "/v1/agent/stream"
Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def connected(api: Web, headers: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """A signed socket of the agent."""
    sent = {"Host": HOST, **api.signature(api.house.bot, "GET", PATH), **(headers or {})}
    url = URL(f"http://127.0.0.1:{api.port}{PATH}")
    async with api.http.ws_connect(url, headers=sent, autoclose=False) as socket:
        yield socket


async def resumed(socket: Socket, **versions: int) -> None:
    assert (await socket.receive_json())["type"] == "hello"
    await socket.send_json({"type": "resume", "versions": versions})


async def closed(socket: Socket) -> int:
    """The code that the hub closes with."""
    while True:
        message = await socket.receive()
        if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            return int(socket.close_code or 0)


async def refused(api: Web, headers: Mapping[str, str]) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with connected(api, headers):
            pass
    return error.value.status


async def test_what_is_open_comes_first(api: Web) -> None:
    opened = (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket)
        told = await socket.receive_json()
    assert (told["type"], told["escalation"]["escalation_id"]) == ("escalation", opened["escalation_id"])


async def test_an_answer_comes_with_its_token(api: Web) -> None:
    opened = (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket, **{opened["escalation_id"]: 1})
        await api.house.owner.answer(opened["escalation_id"])
        told = await socket.receive_json()
        while told["escalation"]["status"] == "open":
            told = await socket.receive_json()
    assert told["escalation"]["approval_token"].startswith("v4.public.")


async def test_what_the_client_has_is_not_sent_again(api: Web) -> None:
    known, new = (await api.escalate()).json, (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket, **{known["escalation_id"]: known["version"]})
        told = await socket.receive_json()
    assert told["escalation"]["escalation_id"] == new["escalation_id"]


async def test_an_end_that_was_missed_is_sent_when_the_client_is_back(api: Web) -> None:
    opened = (await api.escalate()).json
    await api.house.owner.answer(opened["escalation_id"], "deny")
    async with connected(api) as socket:
        await resumed(socket, **{opened["escalation_id"]: 1})
        told = await socket.receive_json()
    assert told["escalation"]["status"] == "denied"


async def test_an_acknowledgement_is_taken_in_silence(api: Web) -> None:
    opened = (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket)
        told = (await socket.receive_json())["escalation"]
        await socket.send_json({"type": "ack", "escalation_id": told["escalation_id"], "version": told["version"]})
        await api.call("DELETE", f"/v1/escalations/{opened['escalation_id']}", who=api.house.bot)
        assert (await socket.receive_json())["escalation"]["status"] == "withdrawn"


async def test_another_agents_questions_are_not_told(api: Web) -> None:
    await api.escalate(await api.house.agent("other"))
    mine = (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket)
        assert (await socket.receive_json())["escalation"]["escalation_id"] == mine["escalation_id"]


async def test_a_stop_closes_with_going_away(api: Web) -> None:
    async with connected(api) as socket:
        await resumed(socket)
        begin_stop(api.house.hub)
        assert await closed(socket) == 1001


async def test_a_revoked_agents_socket_ends(api: Web) -> None:
    house = api.house
    async with connected(api) as socket:
        await resumed(socket)
        with slowed():
            await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
            # Woken, and not by the heartbeat or the next look: no timer of two seconds has run by then.
            assert await asyncio.wait_for(closed(socket), 2) == 1008


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://hub.example.evil.example"])
async def test_a_page_of_another_site_does_not_connect(api: Web, origin: str) -> None:
    assert await refused(api, {"Origin": origin}) == 403


async def test_the_hubs_own_origin_is_let_in(api: Web) -> None:
    async with connected(api, {"Origin": PUBLIC_URL}) as socket:
        await resumed(socket)


async def test_an_unsigned_socket_is_refused(api: Web) -> None:
    assert await refused(api, {"Signature": "sig1=:AAAA:"}) == 401


async def test_a_replayed_upgrade_is_refused(api: Web) -> None:
    headers = api.signature(api.house.bot, "GET", PATH)
    async with connected(api, headers):
        pass
    assert await refused(api, headers) == 401


async def test_a_request_that_is_no_upgrade_is_told_so(api: Web) -> None:
    reply = await api.call("GET", PATH, who=api.house.bot)
    assert (reply.status, reply.code) == (422, "not_a_websocket")


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("{}", 1008),
        ("not json", 1008),
        ('{"type":"ack","escalation_id":"esc_1","version":1}', 1008),
        ('{"type":"resume","versions":{"a":-1}}', 1008),
        ('{"type":"resume","versions":{},"admin":true}', 1008),
        ('{"type":"resume","type":"resume"}', 1008),
        (" " * (MESSAGE + 1), 1009),
    ],
)
async def test_a_client_that_does_not_resume_is_hung_up_on(api: Web, first: str, code: int) -> None:
    async with connected(api) as socket:
        await socket.receive_json()
        await socket.send_str(first)
        assert await closed(socket) == code


@pytest.mark.parametrize(("more", "heard"), [(0, True), (1, False)])
async def test_a_client_that_names_more_escalations_than_it_may_is_hung_up_on(api: Web, more: int, heard: bool) -> None:
    opened = (await api.escalate()).json
    async with connected(api) as socket:
        await resumed(socket, **{f"e{number}": 1 for number in range(VERSIONS + more)})
        answer = await socket.receive()
    if heard:
        assert answer.json()["escalation"]["escalation_id"] == opened["escalation_id"]
    else:
        assert (answer.type, answer.data) == (aiohttp.WSMsgType.CLOSE, 1008)


@pytest.mark.parametrize("message", ['{"type":"resume","versions":{}}', "x", '{"type":"redeem"}'])
async def test_a_client_may_only_acknowledge(api: Web, message: str) -> None:
    async with connected(api) as socket:
        await resumed(socket)
        await socket.send_str(message)
        assert await closed(socket) == 1008


async def test_binary_messages_are_refused(api: Web) -> None:
    async with connected(api) as socket:
        await resumed(socket)
        await socket.send_bytes(b"\0")
        assert await closed(socket) == 1008


async def test_a_flood_of_messages_ends_the_socket(api: Web) -> None:
    ack: dict[str, Any] = {"type": "ack", "escalation_id": "esc_1", "version": 1}
    async with connected(api) as socket:
        await resumed(socket)
        for _ in range(601):
            await socket.send_json(ack)
        assert await closed(socket) == 1008


async def test_a_client_that_leaves_is_forgotten(api: Web) -> None:
    bus = api.house.hub.bus
    async with connected(api) as socket:
        await resumed(socket)
        while not len(bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
            await asyncio.sleep(0)
    while len(bus):  # type: ignore[arg-type]  # as above
        await asyncio.sleep(0)
