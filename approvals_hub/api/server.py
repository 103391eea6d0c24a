"""How the application listens: limits of the HTTP parser, problems for what is no request, and a graceful stop."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from approvals_hub.api import problems
from approvals_hub.api.headers import answer_headers, new_request_id
from approvals_hub.api.limits import HEADER, HEADERS
from approvals_hub.core.log import logger

log = logger("api")

STOP_SECONDS = 8.0
"""How long a stop lets handlers finish; whoever waits was told at its beginning."""
KEEP_ALIVE_SECONDS = 75.0


class Connection(RequestHandler):
    """One connection; what the parser refuses becomes a problem, without a word from the parser's error."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = problems.UNKNOWN,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer; the connection closes after it."""
        request_id = new_request_id()
        if request.writer.output_size > 0:
            raise ConnectionError("a part of another answer was sent already")
        headers = answer_headers(secure=False)
        if status == problems.UNKNOWN:
            log.error("connection_failed", request_id=request_id, exc_info=exc)
            response = problems.failure(request_id, headers)
        else:
            log.info("request_malformed", request_id=request_id, error=type(exc).__name__)
            response = problems.plain(status, request_id, headers)
        response.force_close()
        return response


class Server(web.Server):
    """Makes connections of our kind."""

    def __call__(self) -> RequestHandler:
        """A new connection."""
        return Connection(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs the application; add sites to it as to any aiohttp runner."""

    def __init__(self, app: web.Application, *, stop_seconds: float = STOP_SECONDS) -> None:
        super().__init__(
            app,
            access_log=None,
            auto_decompress=False,
            handler_cancellation=True,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            max_field_size=HEADER,
            max_headers=HEADERS,
            max_line_size=HEADER,
            shutdown_timeout=stop_seconds,
        )

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        # aiohttp has no public way to choose the class of connections; `test_server` watches that this one is used.
        return Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **made._kwargs,
        )


def site_options() -> dict[str, Any]:
    """For `web.TCPSite`: as many waiting connections as a restart of all agents may bring at once."""
    return {"backlog": 2048, "reuse_address": True}


def calm_collector() -> None:
    """Make full garbage collections rare, for a process that serves; called once, when everything is built.

    A full collection looks through all that lives while nobody is answered: 70 ms with 10,000 waiters. What start-up
    made stays anyway and is left out from now on; requests leave hardly any cycles, as reference counts free them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 200)
