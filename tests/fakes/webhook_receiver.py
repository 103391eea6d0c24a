"""Somebody's program that takes events: it checks signatures as the page of Standard Webhooks tells receivers to."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode

from aiohttp import web

from tests.fakes.tls import Authority
from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

WAIT = 31
TOLERANCE = 300
"""Seconds that a message's time may be off."""


class WebhookReceiver(VendorServer):
    """Has endpoints by their path; one that is there without a secret is gone."""

    success = 204

    def __init__(self, authority: Authority, *, now: int) -> None:
        """`now`: milliseconds since 1970."""
        super().__init__(authority.server("127.0.0.1"))
        self.secrets: dict[str, str | None] = {}
        """Path → the one secret that this receiver knows."""
        self.names: dict[str, str] = {}
        """Path → what `Arrival.to` says."""
        self._now = now

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    async def answer(self, request: web.Request) -> web.Response:
        if request.method != "POST" or request.path not in self.secrets:
            return web.Response(status=404)
        secret = self.secrets[request.path]
        if secret is None:
            return web.Response(status=410)
        body = await request.read()
        if not self._verifies(request, body, secret):
            return self.refusal()
        told = json.loads(body)
        assert sorted(told) == ["data", "timestamp", "type"]
        to, id_ = self.names.get(request.path, request.path), request.headers["webhook-id"]
        self.keep(Arrival(to, told["data"].get("text", ""), id_, dict(request.headers), told))
        return web.Response(status=204)

    def throttled(self) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return web.Response(status=401, text="the signature does not verify")

    def _verifies(self, request: web.Request, body: bytes, secret: str) -> bool:
        id_, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        if abs(int(at) - self._now / 1000) > TOLERANCE:
            return False
        key = b64decode(secret.split("_")[1])
        wanted = b64encode(hmac.new(key, id_.encode() + b"." + at.encode() + b"." + body, hashlib.sha256).digest())
        versions = [signature.split(",") for signature in request.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and text == wanted.decode() for version, text in versions)
