"""A BankID for trying the hub out: RP API v6.0 over mutual TLS, people with phones, real signatures.

Nothing of it reaches BankID. It makes its own authorities; a relying party is given `settings_files` and `url`. People
open an order with what a page shows (`scan`, `follow`), and then `approve` or `decline` it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from approvals_hub.cli.pretend_bankid.certificates import Authorities, Person
from approvals_hub.cli.pretend_bankid.orders import Order, Orders, Rejected
from approvals_hub.cli.pretend_bankid.signature import Checking, Signing, check, sign

PREFIX = "/rp/v6.0"
MEMBERS = {
    "endUserIp",
    "requirement",
    "userVisibleData",
    "userNonVisibleData",
    "userVisibleDataFormat",
    "returnUrl",
    "returnRisk",
    "web",
    "app",
}
LIMITS = {"sign": (40_000, 200_000), "auth": (1_500, 1_500)}
RISKS = ("low", "moderate", "high")


class PretendBankID:
    """BankID's server, and the people who have a BankID."""

    def __init__(self, authorities: Authorities, folder: Path, clock: Callable[[], int]) -> None:
        """`folder` is where PEM files go: a directory that nobody else reads. `clock`: milliseconds since 1970."""
        self.authorities = authorities
        self.orders = Orders(clock)
        self.clock = clock
        self.settings_files: dict[str, Any] = authorities.write(folder)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every call that came in, with its body."""
        self.risk: str | None = "low"
        self.answers: list[web.Response] = []
        """What is answered next instead of the protocol's own answer, each once."""
        self._refusals: dict[str, tuple[int, str]] = {}
        self.garbled: bytes | None = None
        """What every call gets, with status 200, while it is set."""
        self._tls = authorities.server_tls(folder)
        self._heard = asyncio.Event()
        self._runner: web.ServerRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The base of its interface, for the setting `url`."""
        return f"https://127.0.0.1:{self._port}{PREFIX}"

    async def start(self) -> None:
        """Listen on a free port of this machine; on the same one again after `stop`."""
        self._heard.set()
        # Requests that hang on purpose need not be waited for.
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, ssl_context=self._tls).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection."""
        self._heard.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @contextlib.asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        """Within: connections are refused."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    @contextlib.asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        """Within: calls are taken, and not answered."""
        self._heard.clear()
        try:
            yield
        finally:
            self._heard.set()

    @contextlib.asynccontextmanager
    async def garbling(self, octets: bytes = b"\x00\xff<html>") -> AsyncIterator[None]:
        """Within: every call is answered 200 with these bytes."""
        self.garbled = octets
        try:
            yield
        finally:
            self.garbled = None

    def refuse_next(self, method: str, status: int, code: str) -> None:
        """The next call of this method gets an error of BankID's, and does nothing."""
        self._refusals[method] = (status, code)

    @property
    def newest(self) -> Order:
        """The order that was started last."""
        return self.orders.all[-1]

    def scan(self, code: str, person: Person) -> Order:
        """See `Orders.scan`."""
        return self.orders.scan(code, person)

    def follow(self, link: str, person: Person) -> Order:
        """See `Orders.follow`."""
        return self.orders.follow(link, person)

    def approve(self, order: Order, **bent: Any) -> str | None:
        """Whoever opened it signs. Returns where the app goes next: the order's `returnUrl`, or None.

        `bent` replaces members of `Signing` and `Checking`, `authorities`, `signer`, or `told` (the personal number
        that BankID tells).
        """
        person = order.opened_by
        assert person is not None, "nobody has opened the order"
        if order.asked.get("requirement", {}).get("risk") and self._is_too_risky(order):
            self.orders.fail(order, "transactionRiskBlocked")
            return None
        function = "Signing" if order.kind == "sign" else "Identification"
        signing = Signing(order.asked.get("userVisibleData"), order.asked.get("userNonVisibleData"), function)
        signer = bent.get("signer", person)
        signature = b64encode(sign(signer, replace(signing, **_of(Signing, bent)))).decode()
        checking = replace(Checking(self.clock()), **_of(Checking, bent))
        response = check(bent.get("authorities", self.authorities), signer, signature, checking)
        order.completion = {
            "user": {
                "personalNumber": bent.get("told", person.personal_number),
                "name": person.name,
                "givenName": person.given_name,
                "surname": person.surname,
            },
            "device": {"ipAddress": order.asked["endUserIp"], "uhi": person.device},
            "bankIdIssueDate": "2025-02-01",
            "stepUp": {"mrtd": True} if order.requirement.get("mrtd") else None,
            "signature": signature,
            "ocspResponse": b64encode(response).decode(),
        }
        if order.asked.get("returnRisk") and self.risk is not None:
            order.completion["risk"] = self.risk
        order.status, order.ended = "complete", self.clock()
        return order.asked.get("returnUrl") if order.from_page else None

    def decline(self, order: Order, hint: str = "userCancel") -> None:
        """The person, or BankID, ends it: a hint code of a failed order."""
        self.orders.fail(order, hint)

    def _is_too_risky(self, order: Order) -> bool:
        return self.risk is not None and RISKS.index(self.risk) > RISKS.index(order.requirement["risk"])

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._heard.is_set():
            # Taken, never done: what comes after the silence finds every order as it was.
            await self._heard.wait()
            return _error(503, "maintenance", "")
        if self.garbled is not None:
            return web.Response(body=self.garbled, content_type="application/json")
        if self.answers:
            return self.answers.pop(0)
        if request.headers.get("Content-Type") != "application/json":
            return _error(415, "unsupportedMediaType", "Content-Type")
        method, body = request.path.removeprefix(f"{PREFIX}/"), await request.json()
        self.calls.append((method, body))
        if method in self._refusals:
            return _error(*self._refusals.pop(method), "")
        try:
            return web.json_response(self._do(method, body))
        except Rejected as error:
            return _error(400, error.code, error.details)
        except KeyError:
            return _error(404, "notFound", method)

    def _do(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "collect":
            return _told(self.orders.collect(body["orderRef"]))
        if method == "cancel":
            self.orders.cancel(body["orderRef"])
            return {}
        _require_order(method, body)
        order = self.orders.start(method, body)
        names = {"orderRef": "order_ref", "autoStartToken": "auto_start_token"}
        secrets = {"qrStartToken": "qr_start_token", "qrStartSecret": "qr_start_secret"}
        return {name: getattr(order, member) for name, member in (names | secrets).items()}


def _told(order: Order) -> dict[str, Any]:
    told: dict[str, Any] = {"orderRef": order.order_ref, "status": order.status}
    if order.status == "complete":
        return told | {"completionData": order.completion}
    return told | {"hintCode": order.hint}


def _require_order(kind: str, body: dict[str, Any]) -> None:
    """What BankID holds an order to. Raises Rejected, or KeyError for another method."""
    longest_visible, longest_hidden = LIMITS[kind]
    unknown = sorted(set(body) - MEMBERS)
    if unknown or not body.get("endUserIp"):
        raise Rejected("invalidParameters", f"No such parameter {unknown}" if unknown else "endUserIp")
    if kind == "sign" and not body.get("userVisibleData"):
        raise Rejected("invalidParameters", "userVisibleData")
    if len(body.get("userVisibleData", "")) > longest_visible or len(body["userNonVisibleData"]) > longest_hidden:
        raise Rejected("invalidParameters", "too long")
    web_ = body.get("web")
    if web_ and (set(web_) != {"referringDomain", "userAgent", "deviceIdentifier"} or len(web_["userAgent"]) > 256):
        raise Rejected("invalidParameters", "web")
    if not str(body.get("returnUrl", "https://")).startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise Rejected("invalidParameters", "returnUrl")


def _of(kind: Any, bent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bent.items() if name in kind.__dataclass_fields__}


def _error(status: int, code: str, details: str) -> web.Response:
    body = json.dumps({"errorCode": code, "details": details})
    return web.Response(status=status, text=body, content_type="application/json")
