"""Reports of stopped code go to the log, few and short."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from web.violations import LONGEST, PER_MINUTE, Violations

REPORT = {"effective-directive": "script-src", "blocked-uri": "https://evil.example/x.js", "line-number": 7}


class Log:
    """Keeps what was written."""

    def __init__(self) -> None:
        self.lines: list[dict[str, str]] = []

    def warning(self, event: str, **members: str) -> None:
        self.lines.append({"event": event, **members})


class Reports:
    """A server that takes reports, and the means to send some."""

    def __init__(self) -> None:
        self.log = Log()
        self.minute = 0.0
        app = web.Application()
        app.router.add_post("/app/csp-reports", Violations(self.log, {}, lambda: self.minute * 60).take)
        self.client = TestClient(TestServer(app))

    async def send(self, body: bytes) -> int:
        return (await self.client.post("/app/csp-reports", data=body)).status


@pytest.fixture
async def reports() -> Any:
    opened = Reports()
    async with opened.client:
        yield opened


def body(**members: Any) -> bytes:
    return json.dumps({"csp-report": {**REPORT, **members}}).encode()


async def test_a_report_becomes_one_line(reports: Reports) -> None:
    assert await reports.send(body()) == 204
    assert [line["blocked_uri"] for line in reports.log.lines] == ["'https://evil.example/x.js'"]


async def test_a_report_cannot_forge_lines_of_the_log(reports: Reports) -> None:
    await reports.send(body(**{"blocked-uri": "x\n2026 INFO all good\x1b[2J\u202e"}))
    assert reports.log.lines[0]["blocked_uri"].isprintable()
    assert reports.log.lines[0]["blocked_uri"].isascii()


async def test_a_long_value_is_cut(reports: Reports) -> None:
    await reports.send(body(**{"blocked-uri": "x" * 5000}))
    assert len(reports.log.lines[0]["blocked_uri"]) == 200


@pytest.mark.parametrize("attack", [b"", b"{", b"[]", b"1", b'{"csp-report": 1}', b"\xff", b"[" * 4000])
async def test_what_is_no_report_is_taken_and_forgotten(reports: Reports, attack: bytes) -> None:
    assert await reports.send(attack) == 204
    assert reports.log.lines == []


async def test_a_report_longer_than_the_limit_is_forgotten(reports: Reports) -> None:
    assert await reports.send(body(filler="x" * LONGEST)) == 204
    assert reports.log.lines == []


async def test_a_flood_of_reports_fills_no_log(reports: Reports) -> None:
    for _ in range(PER_MINUTE + 5):
        await reports.send(body())
    assert len(reports.log.lines) == PER_MINUTE


async def test_the_next_minute_has_room_again(reports: Reports) -> None:
    for _ in range(PER_MINUTE + 1):
        await reports.send(body())
    reports.minute += 1
    await reports.send(body())
    assert len(reports.log.lines) == PER_MINUTE + 1
