"""SMS gateways of four vendors and one of nobody's: one server, told which of them it is."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.trouble import Arrival
from tests.fakes.vendor_server import VendorServer

USER, PASSWORD = "u1f6a9c2e7b", "P4ssw0rd-of-the-gateway"
ACCOUNT = "AC" + "0123456789abcdef" * 2
GONE = "+46700000404"
"""A number that no vendor can reach."""
WAIT = 17
"""Seconds that a throttling vendor asks for, where it has a way to."""

Fields = dict[str, Any]


@dataclass(frozen=True)
class Vendor:
    """How one vendor's interface looks. `to`, `text` and `id` name its fields."""

    path: str
    form: bool
    to: str
    text: str
    id: str | None
    plus: bool
    """Whether its numbers have a +."""
    success: int
    taken: Callable[[int, Fields], Any]
    gone: tuple[int, Any]
    """Status and body for `GONE`."""
    throttled: tuple[int, Any]
    refusal: tuple[int, Any]
    keys_in_body: bool = False


def vonage_said(status: str, text: str) -> Any:
    return {"message-count": "1", "messages": [{"status": status, "error-text": text}]}


def problem(code: int, title: str) -> Any:
    return {"type": f"https://developer.vonage.com/api-errors/messages#{code}", "title": title, "instance": "ab12"}


def twilio_said(code: int, message: str, status: int) -> tuple[int, Any]:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": message, "more_info": more, "status": status}


VENDORS = {
    "46elks": Vendor(
        path="/a1/sms",
        form=True,
        to="to",
        text="message",
        id=None,
        plus=True,
        success=200,
        taken=lambda n, sent: {"id": f"s{n:032x}", "status": "created", "to": sent["to"], "cost": 3500, "parts": 1},
        gone=(400, f"Invalid to number: {GONE}"),
        throttled=(429, "Too many requests"),
        refusal=(401, "API access requires Basic HTTP authentication."),
    ),
    "twilio": Vendor(
        path=f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        form=True,
        to="To",
        text="Body",
        id=None,
        plus=True,
        success=201,
        taken=lambda n, sent: {"sid": f"SM{n:032x}", "status": "queued", "to": sent["To"], "num_segments": "1"},
        gone=twilio_said(21211, f"The 'To' number {GONE} is not a valid phone number.", 400),
        throttled=twilio_said(20429, "Too Many Requests", 429),
        refusal=twilio_said(20003, "Authenticate", 401),
    ),
    "vonage": Vendor(
        path="/v1/messages",
        form=False,
        to="to",
        text="text",
        id="client_ref",
        plus=False,
        success=202,
        taken=lambda n, sent: {"message_uuid": f"aaaaaaaa-bbbb-4ccc-8ddd-{n:012x}"},
        gone=(422, problem(1050, "Number barred")),
        throttled=(429, problem(1000, "Throttled")),
        refusal=(401, {"type": "https://developer.vonage.com/api-errors#unauthorized", "title": "Unauthorized"}),
    ),
    "vonage_legacy": Vendor(
        path="/sms/json",
        form=True,
        to="to",
        text="text",
        id="client-ref",
        plus=False,
        success=200,
        taken=lambda n, sent: {
            "message-count": "1",
            "messages": [{"to": sent["to"], "message-id": f"{n:016X}", "status": "0", "network": "24001"}],
        },
        gone=(200, vonage_said("7", "Number barred.")),
        throttled=(200, vonage_said("1", "Throughput Rate Exceeded")),
        refusal=(200, vonage_said("4", "Bad Credentials")),
        keys_in_body=True,
    ),
    "http": Vendor(
        path="/send",
        form=False,
        to="recipient",
        text="message",
        id="reference",
        plus=True,
        success=200,
        taken=lambda n, sent: {"ok": True, "message": {"number": n}},
        gone=(200, {"ok": False, "error": "unknown_number"}),
        throttled=(429, {"ok": False, "error": "slow_down"}),
        refusal=(403, {"ok": False, "error": "who"}),
    ),
}


class SmsGateway(VendorServer):
    """One vendor's gateway, by its name in `VENDORS`."""

    def __init__(self, vendor: str) -> None:
        super().__init__()
        self.vendor = VENDORS[vendor]
        self.success = self.vendor.success

    async def answer(self, request: web.Request) -> web.Response:
        vendor = self.vendor
        if (request.method, request.path) != ("POST", vendor.path):
            return web.Response(status=404)
        wanted = "application/x-www-form-urlencoded" if vendor.form else "application/json"
        if request.content_type != wanted:
            return web.Response(status=415)
        sent: Fields = dict(await request.post()) if vendor.form else json.loads(await request.text())
        if not self._known(request, sent):
            return self.refusal()
        number = sent[vendor.to] if vendor.plus else f"+{sent[vendor.to]}"
        if number == GONE:
            return said(*vendor.gone)
        id_ = sent[vendor.id] if vendor.id else ""
        self.keep(Arrival(number, sent[vendor.text], id_, dict(request.headers), sent))
        return said(vendor.success, vendor.taken(len(self.arrived), sent))

    def throttled(self) -> web.Response:
        status, body = self.vendor.throttled
        return said(status, body, {"Retry-After": str(WAIT)})

    def refusal(self) -> web.Response:
        return said(*self.vendor.refusal)

    def _known(self, request: web.Request, sent: Fields) -> bool:
        if self.vendor.keys_in_body:
            return (sent.get("api_key"), sent.get("api_secret")) == (USER, PASSWORD)
        basic = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return request.headers.get("Authorization") in (f"Basic {basic}", f"Bearer {PASSWORD}")


def said(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    """JSON, or the plain words of vendors that have nothing better."""
    if isinstance(body, str):
        return web.Response(status=status, text=body, headers=headers)
    return web.json_response(body, status=status, headers=headers)
