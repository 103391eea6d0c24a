"""Around every request: its host, its id, and errors that nobody foresaw."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from approvals_hub.api.application import application, begin_stop
from approvals_hub.api.headers import answer_headers
from approvals_hub.api.served import Served
from tests.unit.api.web_client import Web, serving
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub

LIVE = "/healthz/live"


@pytest.mark.parametrize(
    "host", ["evil.example", "hub.example.evil.example", "localhost", "127.0.0.1", "hub.example:80"]
)
async def test_a_name_that_was_bound_to_this_machine_is_not_answered(api: Web, host: str) -> None:
    reply = await api.send("GET", LIVE, headers={"Host": host})
    assert (reply.status, reply.code) == (421, "host_unknown")


async def test_the_host_is_read_in_any_case(api: Web) -> None:
    assert (await api.send("GET", LIVE, headers={"Host": "HUB.example:443"})).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", LIVE, 200),
        ("GET", "/v1/agent", 401),
        ("GET", "/nowhere", 404),
        ("PATCH", "/v1/escalations", 405),
        ("OPTIONS", "/v1/escalations", 405),
        ("HEAD", LIVE, 405),
        ("POST", "/v1/tokens/verify", 415),
    ],
)
async def test_every_answer_has_its_headers_and_its_id(api: Web, method: str, path: str, status: int) -> None:
    reply = await api.send(method, path)
    expected = {name: value for name, value in answer_headers(secure=True).items() if name != "Content-Type"}
    assert reply.status == status
    assert {name: reply.headers.get(name) for name in expected} == expected
    assert reply.headers["Request-Id"].startswith("req_")
    if status >= 400 and method != "HEAD":
        assert reply.json["request_id"] == reply.headers["Request-Id"]


async def test_another_method_is_told_which_there_are(api: Web) -> None:
    reply = await api.send("PATCH", "/v1/escalations")
    assert (reply.code, reply.headers["Allow"]) == ("method_not_allowed", "GET,POST")


async def test_an_error_nobody_foresaw_tells_the_log_and_not_the_caller(api: Web) -> None:
    await api.house.change("ALTER TABLE escalations RENAME TO hidden")
    with capture_logs() as logs:
        reply = await api.call("GET", "/v1/escalations", who=api.house.bot)
    assert (reply.status, reply.code) == (500, "internal_error")
    assert b"hidden" not in reply.raw
    assert b"no such table" not in reply.raw
    failed = next(line for line in logs if line["event"] == "request_failed")
    assert failed["request_id"] == reply.json["request_id"]


async def test_a_request_that_finds_no_memory_is_told_to_come_back(house: StaffedHub) -> None:
    async def greedy(_: web.Request) -> web.StreamResponse:
        raise MemoryError

    app = application(house.hub, Served(PUBLIC_URL))
    app.router.add_get("/greedy", greedy)
    with capture_logs() as logs:
        async with TestClient(TestServer(app)) as client:
            reply = await client.get("/greedy", headers={"Host": "hub.example"})
            assert (reply.status, (await reply.json())["code"]) == (503, "out_of_memory")
            assert reply.headers["Retry-After"] == "5"
    assert "request_out_of_memory" in {line["event"] for line in logs}


async def test_a_stop_answers_whoever_waits_with_the_present_state(api: Web) -> None:
    escalation_id = (await api.escalate()).json["escalation_id"]
    path = f"/v1/escalations/{escalation_id}?wait=50"
    waiting = asyncio.create_task(api.call("GET", path, who=api.house.bot))
    while not len(api.house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    begin_stop(api.house.hub)
    reply = await waiting
    assert (reply.status, reply.json["status"]) == (200, "open")
    assert (reply.headers["Retry-After"], reply.headers["Connection"]) == ("1", "close")


async def test_a_stop_answers_a_waiting_inbox(api: Web) -> None:
    version = (await api.call("GET", "/v1/inbox", who=api.house.owner)).json["version"]
    waiting = asyncio.create_task(api.call("GET", f"/v1/inbox?wait=50&since={version}", who=api.house.owner))
    while not len(api.house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    begin_stop(api.house.hub)
    reply = await waiting
    assert (reply.status, reply.headers["Retry-After"]) == (200, "1")


async def test_a_stopping_hub_is_not_ready(house: StaffedHub) -> None:
    async with serving(house) as api:
        assert (await api.send("GET", "/healthz/ready")).status == 200
        begin_stop(house.hub)
        reply = await api.send("GET", "/healthz/ready")
    assert (reply.status, reply.code) == (503, "stopping")


async def test_counted_refusals_are_logged_before_the_end(house: StaffedHub) -> None:
    with capture_logs() as logs:
        async with serving(house) as api:
            await api.send("GET", "/v1/agent")
    assert [(line["code"], line["count"]) for line in logs if line["event"] == "refused"] == [
        ("credentials_missing", 1)
    ]
