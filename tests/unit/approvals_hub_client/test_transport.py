"""Calls are repeated safely, within a total time, and never led elsewhere."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic

import pytest
from aiohttp import web

from approvals_hub_client import AsyncHub, Transport
from approvals_hub_client.errors import BadAnswer, Closed, Refused, Unreachable
from approvals_hub_client.transport import FIRST_PAUSE, LONGEST_PAUSE, pause_after, rest_of
from tests.fakes.line import Line
from tests.unit.desk import Desk

BUSY = pytest.mark.parametrize("status", [429, 500, 502, 503, 504])


async def _answering(response: web.Response) -> tuple[web.AppRunner, str]:
    async def answer(request: web.Request) -> web.Response:
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _call(response: web.Response) -> object:
    runner, url = await _answering(response)
    try:
        async with Transport(url, None) as transport:
            return await transport.call("GET", "/v1/public-keys", within=1)
    finally:
        await runner.cleanup()


@BUSY
async def test_a_hub_in_trouble_is_asked_again(desk: Desk, line: Line, status: int) -> None:
    line.busy = [(status, {}), (status, {})]
    async with Transport(desk.url, None) as transport:
        assert await transport.call("GET", "/v1/public-keys")
    assert len(line.calls) == 3


async def test_the_pause_that_the_hub_asks_for_is_kept(desk: Desk, line: Line) -> None:
    line.busy = [(503, {"Retry-After": "1"})]
    started = monotonic()
    async with Transport(desk.url, None) as transport:
        assert await transport.call("GET", "/v1/public-keys")
    assert monotonic() - started >= 1


async def test_a_pause_longer_than_the_time_left_is_not_waited_for(desk: Desk, line: Line) -> None:
    line.busy = [(429, {"Retry-After": "3600"})]
    async with Transport(desk.url, None) as transport:
        with pytest.raises(Refused) as refusal:
            await transport.call("GET", "/v1/public-keys", within=5)
    assert (refusal.value.status, refusal.value.retry_after) == (429, 3600)


async def test_every_try_is_signed_with_a_nonce_of_its_own(line: Line, hub: AsyncHub) -> None:
    line.drop_after = 2
    await hub.ask("payment.execute", {})
    assert len(set(line.proofs)) == len(line.calls) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_that_would_carry_tokens_elsewhere_is_not_followed(status: int) -> None:
    with pytest.raises(BadAnswer):
        await _call(web.Response(status=status, headers={"Location": "http://127.0.0.1:9/"}))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}'])
async def test_an_answer_that_is_no_strict_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        await _call(web.Response(body=body))


async def test_an_answer_without_end_is_not_read_into_memory() -> None:
    with pytest.raises(BadAnswer):
        await _call(web.Response(body=b'{"a":"' + b"x" * (5 * 1024 * 1024) + b'"}'))


async def test_a_refusal_that_is_no_problem_document_is_still_a_refusal() -> None:
    with pytest.raises(Refused) as refusal:
        await _call(web.Response(status=418, body=b"teapot"))
    assert refusal.value.code == "http_418"


async def test_a_hub_that_never_answers_is_unreachable() -> None:
    started = monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listening:  # the kernel takes the connection, nobody answers
        async with Transport(f"http://127.0.0.1:{listening.getsockname()[1]}", None) as transport:
            with pytest.raises(Unreachable):
                await transport.call("GET", "/v1/public-keys", within=0.5)
    assert monotonic() - started < 5


async def test_a_call_that_waits_while_its_client_is_closed_ends_and_opens_no_connection_again(
    hub: AsyncHub, line: Line
) -> None:
    question = await hub.ask("payment.execute", {})
    waiting = asyncio.ensure_future(hub.wait(question))
    await line.called("GET", f"/v1/escalations/{question.escalation_id}")
    await hub.close()
    before = len(line.calls)
    with pytest.raises(Closed):
        await asyncio.wait_for(waiting, 5)
    assert len(line.calls) == before


async def test_an_agent_that_gives_up_after_its_client_was_closed_opens_no_connection_again(
    hub: AsyncHub, line: Line
) -> None:
    asking = asyncio.ensure_future(hub.approval("payment.execute", {}))
    await line.called("POST", "/v1/escalations")
    await hub.close()
    asking.cancel()
    await asyncio.wait([asking])
    assert ("DELETE" in {method for method, _ in line.calls}) is False


async def test_a_closed_client_calls_nobody() -> None:
    transport = Transport("http://127.0.0.1:9", None)
    await transport.close()
    with pytest.raises(Closed):
        await transport.call("GET", "/v1/public-keys")


@pytest.mark.parametrize("url", ["http://hub.example.com", "http://192.168.1.5:8080", "http://localhost.evil.com"])
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="in the clear"):
        Transport(url, None)


def test_plain_http_on_a_trusted_network_is_a_choice() -> None:
    assert Transport("http://192.168.1.5:8080", None, allow_http=True).hub == "http://192.168.1.5:8080"


@pytest.mark.parametrize(
    "url", ["hub.example.com", "ftp://hub.example.com", "https://", "https://h/?x=1", "https://h/#x"]
)
def test_an_address_that_is_no_hub_s_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public URL"):
        Transport(url, None)


def test_whoever_waited_rests_as_long_as_the_hub_asked_for_and_up_to_three_times_that() -> None:
    rests = [rest_of(2.0) for _ in range(200)]
    assert 2.0 <= min(rests) < 3.0 < 5.0 < max(rests) <= 6.0
    assert 1.0 <= rest_of(None) <= 3.0


@pytest.mark.parametrize(
    ("pause", "held", "then"),
    [
        (FIRST_PAUSE, 30.0, FIRST_PAUSE),  # a proxy cuts every long poll after half a minute
        (LONGEST_PAUSE, 30.0, FIRST_PAUSE),
        (LONGEST_PAUSE, 0.01, LONGEST_PAUSE),  # a hub that refuses at once
        (1.6, 1.6, 1.6),
    ],
)
def test_a_wait_that_was_cut_lengthens_no_pause(pause: float, held: float, then: float) -> None:
    assert pause_after(pause, held) == then
