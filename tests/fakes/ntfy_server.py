"""A server of ntfy on this machine, as far as publishing goes."""

from __future__ import annotations

import json

from aiohttp import web

from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
WAIT = 13


class NtfyServer(VendorServer):
    """Takes messages for every topic but one that is reserved."""

    async def answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path) != ("POST", "/"):
            return self._refused(404, 40401, "page not found")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.refusal()
        told = json.loads(await request.text())
        if told["topic"] == "docs" or told["priority"] not in range(1, 6):
            return self._refused(400, 40010, "invalid topic: topic name is not allowed")
        self.keep(Arrival(told["topic"], told["message"], "", dict(request.headers), told))
        return web.json_response({"id": f"sPs71M8A2T{len(self.arrived)}", "event": "message", "topic": told["topic"]})

    def throttled(self) -> web.Response:
        return self._refused(429, 42901, "limit reached: too many requests", {"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return self._refused(403, 40301, "forbidden")

    def _refused(self, status: int, code: int, error: str, headers: dict[str, str] | None = None) -> web.Response:
        return web.json_response({"code": code, "http": status, "error": error}, status=status, headers=headers)
