"""The aiohttp application: the route table, one function around every request, and a graceful stop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from aiohttp import web
from aiohttp.typedefs import Middleware

from approvals_hub.api import problems
from approvals_hub.api.call import Api
from approvals_hub.api.endpoint import speaks_openleash
from approvals_hub.api.headers import REQUEST_ID, answer_headers, new_request_id
from approvals_hub.api.limits import BODY, SOURCES
from approvals_hub.api.pace import Pace
from approvals_hub.api.refusals import Refusals
from approvals_hub.api.routes import add_routes
from approvals_hub.api.served import Served
from approvals_hub.core.errors import HubError, Misdirected, Unavailable
from approvals_hub.core.log import logger
from approvals_hub.hub import Hub

log = logger("api")

FLUSH_SECONDS = 20.0
_ESCALATION = re.compile(r"esc_[0-9a-v]{26}")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(hub: Hub, served: Served) -> web.Application:
    """The hub over HTTP. Whoever runs it may add pages; the function around every request covers those too."""
    api = Api(hub, served, Refusals(hub.clock.now), Pace(served.openings_per_minute, SOURCES))
    app = web.Application(middlewares=[around(api)], client_max_size=BODY)
    add_routes(app, api)

    async def counted(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_flush(api.refusals), name="api:refusals")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        api.refusals.flush(everything=True)

    async def stop(_: web.Application) -> None:
        begin_stop(hub)

    app.cleanup_ctx.append(counted)
    app.on_shutdown.append(stop)
    return app


def begin_stop(hub: Hub) -> None:
    """Readiness says no, and whoever waits answers with the present state. May be called twice."""
    hub.stopping.begun = True
    hub.bus.wake_everybody()


def around(api: Api) -> Middleware:
    """The one middleware: the host, the request id, refusals as problems, and unknown errors as nothing but a log."""
    hosts, stopping = api.served.hosts, api.hub.stopping
    headers = answer_headers(secure=api.served.secure)

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = None
        try:
            if request.headers.get("Host", "").lower() not in hosts:
                raise _misdirected()
            response = await handler(request)
        except HubError as error:
            request_id = new_request_id()
            response = problems.refusal(error, request_id, headers, openleash=speaks_openleash(request))
        except web.HTTPException as error:
            if error.status < problems.FIRST_REFUSAL:
                raise
            request_id = new_request_id()
            response = problems.plain(error.status, request_id, headers, error.headers.get("Allow"))
        except MemoryError:
            # Its unit was rolled back as for any error. No traceback: it would need what is not there.
            request_id = new_request_id()
            log.error("request_out_of_memory", request_id=request_id, **_asked_of(request))
            response = problems.refusal(_out_of_memory(), request_id, headers)
        except Exception:
            request_id = new_request_id()
            log.exception("request_failed", request_id=request_id, **_asked_of(request))
            response = problems.failure(request_id, headers)
        if not response.prepared:
            if request_id is None:
                response.headers[REQUEST_ID] = new_request_id()
            if stopping.begun:
                response.force_close()
        return response

    return answer


def _out_of_memory() -> Unavailable:
    return Unavailable(
        "out_of_memory",
        "the hub has not the memory for this request; nothing was changed",
        next_step="Try again in a moment, with less at a time.",
        retry_after=5,
    )


def _misdirected() -> Misdirected:
    return Misdirected(
        "host_unknown",
        "this hub does not serve that host",
        next_step="Use its public URL.",
    )


def _asked_of(request: web.Request) -> dict[str, str | None]:
    """The method, the route's pattern, and the question that it names: a path itself may carry what is no log's
    business."""
    resource = request.match_info.route.resource
    found = {"method": request.method, "route": None if resource is None else resource.canonical}
    named = next((name for name in request.match_info.values() if _ESCALATION.fullmatch(name)), None)
    return found if named is None else {**found, "escalation_id": named}


async def _flush(refusals: Refusals) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        refusals.flush()
