"""How a serving hub logs: one line an event on standard error, for people or for programs."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

from approvals_hub.config import Log
from approvals_hub.core.clock import system_clock, to_text
from approvals_hub.core.log import structlog
from approvals_hub.core.visible import visible

Event = MutableMapping[str, Any]


def start_logging(log: Log, stream: TextIO | None = None) -> None:
    """Send structlog's events and the libraries' records of this level and above to standard error, in one form."""
    level = getattr(logging, log.level.upper())
    render = structlog.processors.JSONRenderer() if log.format == "json" else text_line
    shared: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, _stamp, _with_trace]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[_plain, render], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def text_line(_: Any, __: str, event: Event) -> str:
    """`TIME LEVEL event name=value …`; nothing that a caller sent can fake a line or move the cursor."""
    trace = event.pop("exception", None)
    words = [str(event.pop("time", "-")), str(event.pop("level", "-")).upper(), str(event.pop("event", ""))]
    words += [f"{name}={value}" for name, value in event.items()]
    line = visible(" ".join(words)).text
    return line if trace is None else f"{line}\n{visible(trace, lines=True).text}"


def _stamp(_: Any, __: str, event: Event) -> Event:
    event["time"] = to_text(system_clock().now())
    return event


def _with_trace(_: Any, __: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    if given:
        error = (
            given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        )
        event["exception"] = "" if error is None else "".join(traceback.format_exception(error)).rstrip()
    return event


def _plain(logger: Any, name: str, event: Event) -> Event:
    """Without what structlog's formatter added for itself."""
    for member in ("_record", "_from_structlog"):
        event.pop(member, None)
    return event
