"""BankID's orders: who may open one and how, what it asks for, how long it lives, and that its end is told once.

No HTTP and no certificates of its own: `bankid` puts this behind RP API v6.0.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from approvals_hub.cli.pretend_bankid.certificates import Person

UNOPENED = 30_000
"""Milliseconds after which an order that nobody has opened has failed to start."""
UNFINISHED = 180_000
"""Milliseconds after which an opened order has expired."""
KEPT = 180_000
"""Milliseconds for which the end of an order can be collected."""
QR_AGE = 5
"""Seconds that a QR code may be old."""


class Rejected(Exception):
    """BankID's 400, by its `errorCode`."""

    def __init__(self, code: str, details: str) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details


class NotOpened(Exception):
    """The app shows an error: not a code of BankID's, too old, used already, or for somebody else."""


@dataclass
class Order:
    """One order."""

    kind: str
    asked: dict[str, Any]
    began: int
    order_ref: str = field(default_factory=lambda: str(uuid.uuid4()))
    auto_start_token: str = field(default_factory=lambda: str(uuid.uuid4()), repr=False)
    qr_start_token: str = field(default_factory=lambda: str(uuid.uuid4()), repr=False)
    qr_start_secret: str = field(default_factory=lambda: str(uuid.uuid4()), repr=False)
    status: str = "pending"
    hint: str = "outstandingTransaction"
    opened_by: Person | None = None
    from_page: bool = False
    """Opened with the autostart link, not by a QR code."""
    ended: int | None = None
    completion: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """What the person signs, as they read it."""
        return b64decode(self.asked.get("userVisibleData", "")).decode(errors="replace")

    @property
    def requirement(self) -> dict[str, Any]:
        """What the relying party wants of whoever opens it."""
        return dict(self.asked.get("requirement") or {})


class Orders:
    """All orders that can still be asked for, oldest first."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.all: list[Order] = []
        self.started: list[Order] = []
        """Every order there ever was, also those whose end was told."""
        self.refuses_others = True
        """Whether an order for one personal number opens for that person alone, as with BankID."""

    def start(self, kind: str, asked: dict[str, Any]) -> Order:
        """Raises Rejected. A second order for the same personal number ends the first one as well."""
        number = (asked.get("requirement") or {}).get("personalNumber")
        others = [order for order in self.all if number and order.requirement.get("personalNumber") == number]
        open_ones = [order for order in others if self.look(order).status == "pending"]
        if open_ones:
            for order in open_ones:
                self.fail(order, "cancelled")
            raise Rejected("alreadyInProgress", "Order already in progress for pno")
        order = Order(kind, asked, self.clock())
        self.all.append(order)
        self.started.append(order)
        return order

    def find(self, order_ref: object) -> Order:
        """An order whose end was not told yet, nor too long ago. Raises Rejected."""
        for order in self.all:
            if order.order_ref == order_ref:
                self.look(order)
                if order.ended is None or self.clock() - order.ended <= KEPT:
                    return order
        raise Rejected("invalidParameters", "No such order")

    def look(self, order: Order) -> Order:
        """Let time pass for an order."""
        age = self.clock() - order.began
        if order.status == "pending":
            if order.opened_by is None and age > UNOPENED:
                self.fail(order, "startFailed")
            elif age > UNFINISHED:
                self.fail(order, "expiredTransaction")
        return order

    def collect(self, order_ref: object) -> Order:
        """How an order stands; an end is told once. Raises Rejected."""
        order = self.find(order_ref)
        if order.status != "pending":
            self.all.remove(order)
        return order

    def cancel(self, order_ref: object) -> None:
        """Raises Rejected unless it is pending."""
        order = self.find(order_ref)
        if order.status != "pending":
            raise Rejected("invalidParameters", "No such order")
        self.fail(order, "cancelled")
        self.all.remove(order)

    def scan(self, code: str, person: Person) -> Order:
        """A phone's camera sees a QR code. Raises NotOpened."""
        parts = code.split(".")
        if len(parts) != 4 or parts[0] != "bankid" or not parts[2].isdigit():
            raise NotOpened("no QR code of BankID's")
        for order in self.all:
            expected = hmac.new(order.qr_start_secret.encode(), parts[2].encode(), hashlib.sha256).hexdigest()
            if order.qr_start_token == parts[1] and hmac.compare_digest(expected, parts[3]):
                age = (self.clock() - order.began) // 1000 - int(parts[2])
                if not 0 <= age <= QR_AGE:
                    raise NotOpened("the QR code is too old, or of a time to come")
                return self._open(order, person, from_page=False)
        raise NotOpened("no order has this QR code")

    def follow(self, link: str, person: Person) -> Order:
        """Somebody follows an autostart link on the device that their BankID is on. Raises NotOpened."""
        parts = urlsplit(link)
        token = parse_qs(parts.query).get("autostarttoken", [""])[0]
        for order in self.all:
            if (parts.scheme, parts.netloc) == ("https", "app.bankid.com") and order.auto_start_token == token:
                return self._open(order, person, from_page=True)
        raise NotOpened("no order has this link")

    def waiting(self) -> list[Order]:
        """Those that nobody has ended yet, the newest first."""
        return [order for order in reversed(self.all) if self.look(order).status == "pending"]

    def take_up(self, order: Order, person: Person) -> Order:
        """Somebody opens an order that they found in a list, as its page wants it opened. Raises NotOpened."""
        return self._open(order, person, from_page="returnUrl" in order.asked)

    def fail(self, order: Order, hint: str) -> None:
        """End an order without a proof."""
        order.status, order.hint, order.ended = "failed", hint, self.clock()

    def _open(self, order: Order, person: Person, *, from_page: bool) -> Order:
        if self.look(order).status != "pending" or order.opened_by is not None:
            raise NotOpened("the order has ended, or was opened already")
        wanted = order.requirement.get("personalNumber")
        if self.refuses_others and wanted and wanted != person.personal_number:
            raise NotOpened("the order is for somebody else")
        policies = order.requirement.get("certificatePolicies") or []
        if policies and person.policy not in policies:
            self.fail(order, "certificateErr")
            raise NotOpened("the order wants another kind of BankID")
        order.opened_by, order.from_page, order.hint = person, from_page, "userSign"
        return order
