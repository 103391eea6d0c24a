"""The bare limits, as processes of their own: an aiohttp JSON echo, and futures released over HTTP."""

from __future__ import annotations

import asyncio
import sys
import time

from aiohttp import web

WAITING = web.AppKey("waiting", dict[str, asyncio.Future[None]])


async def echo(request: web.Request) -> web.Response:
    """What every request of the hub costs at the very least: JSON in, JSON out."""
    return web.json_response(await request.json())


async def wait(request: web.Request) -> web.Response:
    """A long-poll that knows nothing."""
    name = request.match_info["name"]
    future = asyncio.get_running_loop().create_future()
    request.app[WAITING][name] = future
    try:
        await asyncio.wait_for(future, 60)
    except TimeoutError:
        return web.json_response({"status": "open"})
    return web.json_response({"status": "approved", "token": "x" * 1400})


async def release(request: web.Request) -> web.Response:
    """Release one waiter; says when, by this machine's monotonic clock."""
    future = request.app[WAITING].pop(request.match_info["name"])
    at = time.monotonic_ns()
    future.set_result(None)
    return web.json_response({"at": at})


def application() -> web.Application:
    app = web.Application()
    app[WAITING] = {}
    app.router.add_post("/echo", echo)
    app.router.add_get("/echo", lambda _: asyncio.sleep(0, web.json_response({"status": "open"})))
    app.router.add_get("/wait/{name}", wait)
    app.router.add_post("/release/{name}", release)
    return app


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None, backlog=4096)
