"""What is no HTTP request is answered and hung up on, without a word about the parser."""

from __future__ import annotations

import asyncio
import gc

import pytest
from structlog.testing import capture_logs

from approvals_hub.api.limits import HEADER, HEADERS
from approvals_hub.api.server import Connection, calm_collector
from tests.unit.api.web_client import Web


async def spoken(api: Web, raw: bytes) -> bytes:
    """Everything that is answered to these bytes until the hub hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(raw)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /healthz/live HTTP/9.9\r\nHost: hub.example\r\n\r\n",
        b"GET /healthz/live HTTP/1.1\r\nHost: hub.example\r\nX: a\x00b\r\n\r\n",
        b"GET /healthz/live HTTP/1.1\r\nHost: hub.example\r\nX: " + b"a" * (HEADER + 1) + b"\r\n\r\n",
        b"GET /" + b"a" * (HEADER + 1) + b" HTTP/1.1\r\nHost: hub.example\r\n\r\n",
        b"GET /healthz/live HTTP/1.1\r\nHost: hub.example\r\n" + b"X: a\r\n" * (HEADERS + 1) + b"\r\n",
        b"POST /v1/tokens/verify HTTP/1.1\r\nHost: hub.example\r\nContent-Length: x\r\n\r\n",
        (
            b"POST /v1/tokens/verify HTTP/1.1\r\nHost: hub.example\r\n"
            b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ],
)
async def test_what_is_no_request_is_a_problem_and_the_end_of_the_connection(api: Web, raw: bytes) -> None:
    with capture_logs() as logs:
        answer = await spoken(api, raw)
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b'"code":"malformed_request"' in answer
    assert b"Content-Security-Policy" in answer
    assert b"aiohttp" not in answer
    assert [line["log_level"] for line in logs if line["event"] == "request_malformed"] == ["info"]


async def test_connections_are_of_our_kind(api: Web) -> None:
    await api.send("GET", "/healthz/live")
    assert any(isinstance(thing, Connection) for thing in gc.get_objects())


async def test_whoever_hangs_up_while_waiting_leaves_no_waiter(api: Web) -> None:
    escalation_id = (await api.escalate()).json["escalation_id"]
    path = f"/v1/escalations/{escalation_id}?wait=50"
    waiting = asyncio.create_task(api.call("GET", path, who=api.house.bot))
    bus = api.house.hub.bus
    while not len(bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    waiting.cancel()
    while len(bus):  # type: ignore[arg-type]  # as above
        await asyncio.sleep(0)


async def test_a_body_that_breaks_off_in_its_encoding_is_no_failure_of_the_hub(api: Web) -> None:
    head = b"POST /v1/tokens/verify HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
    with capture_logs() as logs:
        answer = await spoken(api, head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n")
    assert b" 400 " in answer.splitlines()[0]
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_whoever_hangs_up_within_a_body_leaves_no_error_behind(api: Web) -> None:
    head = b"POST /v1/tokens/verify HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(head + b"Content-Length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await api.send("GET", "/healthz/live")).status == 200
    assert [line for line in logs if line["log_level"] == "error"] == []


async def test_an_expectation_that_nobody_can_meet_is_a_problem(api: Web) -> None:
    reply = await api.send("POST", "/v1/tokens/verify", b"{}", {"Expect": "miracles"})
    assert (reply.status, reply.code) == (417, "expectation_failed")


async def test_a_client_that_asks_first_is_told_to_go_on(api: Web) -> None:
    body = b'{"token":"a"}'
    head = b"POST /v1/tokens/verify HTTP/1.1\r\nHost: hub.example\r\nContent-Type: application/json\r\n"
    answer = await spoken(api, head + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 13\r\n\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


async def test_two_hosts_in_one_request_are_refused(api: Web) -> None:
    answer = await spoken(
        api, b"GET /healthz/live HTTP/1.1\r\nHost: hub.example\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert b" 400 " in answer.splitlines()[0] or b" 421 " in answer.splitlines()[0]


def test_what_start_up_made_is_left_out_of_later_collections() -> None:
    before, made = gc.get_threshold(), [object()]
    gc.set_threshold(700, 10, 10)
    try:
        assert any(thing is made for thing in gc.get_objects())
        calm_collector()
        assert not any(thing is made for thing in gc.get_objects())
        assert gc.get_threshold() > (700, 10, 10)
    finally:
        gc.set_threshold(*before)
