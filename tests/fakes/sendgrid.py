"""SendGrid's v3 Mail Send: it checks what the real one checks, and refuses in its words."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
RESERVED |= {"to", "from", "subject", "reply-to", "cc", "bcc"}


class SendGridServer(VendorServer):
    """Takes mail from `sender`, the one identity that its account has verified."""

    success = 202

    def __init__(self, *args: Any, sender: str = "hub@example.se") -> None:
        super().__init__(*args)
        self.sender = sender
        self.resets_at = 0
        """Seconds since 1970: the header of a 429."""

    async def answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path) == ("GET", "/v3/scopes"):
            is_known = request.headers.get("Authorization") == f"Bearer {KEY}"
            return web.json_response({"scopes": ["mail.send"]}) if is_known else self.refusal()
        if (request.method, request.path) != ("POST", "/v3/mail/send"):
            return refused(404, "Not Found", None)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self.refusal()
        if request.content_type != "application/json":
            return refused(415, "Content-Type should be application/json.", None)
        mail = json.loads(await request.text())
        wrong = self._fault(mail)
        if wrong is not None:
            return wrong
        (personal,) = mail["personalizations"]
        self.keep(
            Arrival(
                to=personal["to"][0]["email"],
                text=mail["content"][0]["value"],
                id=personal["custom_args"]["id"],
                headers=mail["headers"],
                body=mail,
            )
        )
        return web.Response(status=202, headers={"X-Message-Id": f"sg.{len(self.arrived)}"})

    def throttled(self) -> web.Response:
        headers = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(self.resets_at)}
        return refused(429, "too many requests", None, headers)

    def refusal(self) -> web.Response:
        return refused(401, "The provided authorization grant is invalid, expired, or revoked", None)

    def _fault(self, mail: Any) -> web.Response | None:
        address = mail["personalizations"][0]["to"][0]["email"]
        if address.startswith("nobody"):
            return refused(400, f"Does not contain a valid address: {address}", "personalizations.0.to.0.email")
        if mail["from"]["email"] != self.sender:
            return refused(403, "The from address does not match a verified Sender Identity.", "from.email")
        if mail["content"][0]["type"] != "text/plain":
            return refused(400, "If present, text/plain must be the first content", "content.0.type")
        if RESERVED & {name.lower() for name in mail["headers"]}:
            return refused(400, "The headers object contains a reserved header.", "headers")
        if len(json.dumps(mail)) > 200_000:
            return refused(413, "The payload is too large", None)
        return None


def refused(status: int, message: str, field: str | None, headers: dict[str, str] | None = None) -> web.Response:
    """An error in SendGrid's form."""
    body = {"errors": [{"message": message, "field": field, "help": None}]}
    return web.json_response(body, status=status, headers=headers)
