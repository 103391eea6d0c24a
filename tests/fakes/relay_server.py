"""A push relay on this machine: what it checks, and what it answers with. Whether it wakes anybody is its secret."""

from __future__ import annotations

import json
import re

from aiohttp import web

from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

WAIT = 41
MEMBERS = {
    "id": r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    "topic": r"[0-9a-f]{64}",
    "collapse": r"[0-9a-f]{32}",
    "priority": r"high|normal",
}


def problem(status: int, code: str, **more: str) -> web.Response:
    body = json.dumps({"type": f"urn:approvals-hub:problem:{code}", "status": status, "code": code})
    return web.Response(status=status, text=body, content_type="application/problem+json", headers=more)


class RelayServer(VendorServer):
    """Takes wakes for the handles in `handles`."""

    def __init__(self) -> None:
        super().__init__()
        self.handles: dict[str, str] = {}
        """Handle → what `Arrival.to` says."""

    async def answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path_qs) != ("POST", "/v1/wakes"):
            return web.Response(status=404)
        kind, _, handle = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not re.fullmatch(r"rh_[A-Za-z0-9_-]{43}", handle):
            return self.refusal()
        if handle not in self.handles:
            return problem(410, "handle_gone")
        told = json.loads(await request.text())
        sound = set(told) == {*MEMBERS, "ttl"} and all(re.fullmatch(MEMBERS[name], told[name]) for name in MEMBERS)
        if not sound or type(told["ttl"]) is not int or not 1 <= told["ttl"] <= 28 * 24 * 3600:
            return problem(422, "invalid_request")
        self.keep(Arrival(self.handles[handle], "", told["id"], dict(request.headers), told))
        return web.json_response({"id": f"0:{len(self.arrived)}%5641"})

    def throttled(self) -> web.Response:
        return problem(429, "too_many_attempts", **{"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return problem(401, "handle_missing")
