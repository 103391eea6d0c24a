"""A serving hub's log lines."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from approvals_hub.cli.logs import start_logging, text_line
from approvals_hub.config import Log


@pytest.fixture
def stream(own_log: None) -> io.StringIO:
    """Where the log goes."""
    return io.StringIO()


def test_programs_get_one_object_a_line(stream: io.StringIO) -> None:
    start_logging(Log(format="json"), stream)
    structlog.get_logger("api").info("request_failed", request_id="req_1")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["request_id"]) == ("request_failed", "info", "req_1")
    assert line["time"].endswith("Z")


def test_a_librarys_record_has_the_same_form(stream: io.StringIO) -> None:
    start_logging(Log(format="json"), stream)
    logging.getLogger("aiohttp.server").error("boom %s", "here")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("boom here", "error")
    assert not [name for name in line if name.startswith("_")]


def test_lines_below_the_level_are_left_out(stream: io.StringIO) -> None:
    start_logging(Log(level="warning"), stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("x").info("quiet")
    structlog.get_logger().warning("loud")
    assert "quiet" not in stream.getvalue()
    assert "WARNING loud" in stream.getvalue()


def test_a_line_feed_from_outside_fakes_no_line() -> None:
    line = text_line(None, "", {"time": "T", "level": "info", "event": "seen", "name": "x\nT ERROR fake\x1b[2J"})
    assert line == "T INFO seen name=x⟦U+000A⟧T ERROR fake⟦U+001B⟧[2J"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_failure_is_logged_with_its_trace(stream: io.StringIO, form: str) -> None:
    start_logging(Log(format=form), stream)  # type: ignore[arg-type]  # pytest's parameters are plain texts
    try:
        raise RuntimeError("what?")
    except RuntimeError:
        structlog.get_logger().exception("worker_failed", worker="sealing")
    assert "RuntimeError: what?" in stream.getvalue()
    assert "worker_failed" in stream.getvalue()
