"""Swedish BankID as a step-up: the person signs the very words and the hash in their own app.

On the same device the app is started by a link, and must bring a nonce back to the page that it was started from: else
whoever talks somebody into following the link would get their signature. On another device the person scans a QR code
that changes every second. Each challenge is for one of the two; `begin` again changes it.

An order that nobody opened ends after 30 seconds; a new one is started by itself, until the step-up ends. BankID tells
the end of an order once. Where the hub stops between hearing and storing it, the next `collect` is TimedOut: the person
begins anew, and what they signed counts for nothing. For the same reason calls for one challenge must not overlap: the
caller lets one process collect it, and waits for that call before it hands over the person's answer.
"""

from __future__ import annotations

import hmac
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from identity import bankid_qr
from identity.attempt import wishes
from identity.bankid_api import Completion, RpApi
from identity.bankid_certificates import read_roots
from identity.bankid_order import kind_of, order_of
from identity.bankid_proof import proof_of
from identity.bankid_running import Running
from identity.bankid_settings import BankIDSettings, people_roots
from identity.errors import (
    Cancelled,
    Malformed,
    Misconfigured,
    NotProven,
    OtherIntent,
    ProviderDown,
    Refused,
    TimedOut,
    TooRisky,
    TooWeak,
    WrongAnswer,
)
from identity.personal_number import NotANumber, twelve_digits
from identity.proof import Challenge, Factor, Pending, Proof, State, StepUp
from identity.provider import TIME_LIMIT

if TYPE_CHECKING:
    from aiohttp import ClientSession

COLLECT_EVERY = 2.0
"""Seconds. BankID asks for one call every two seconds, by the server, however many pages are open."""
LAPSED = ("startFailed", "expiredTransaction")
"""Hints of orders that ended because nobody opened or finished them in time."""
FAILURES: dict[str, type[Refused]] = {
    "userCancel": Cancelled,
    "cancelled": Cancelled,
    "userDeclinedCall": Cancelled,
    "transactionRiskBlocked": TooRisky,
    "notSupportedByUserApp": TooWeak,
}
"""Other hints of failed orders; what is not named here is Refused."""


class BankID:
    """The provider. Keeps nothing between two calls."""

    signs_in = True
    proofs_expire = True

    def __init__(
        self,
        settings: BankIDSettings,
        session: ClientSession,
        tls: ssl.SSLContext,
        *,
        domain: str,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        time_limit: float = TIME_LIMIT - 1,
    ) -> None:
        """`tls` as `bankid_settings.tls` makes it; `domain`: the hub's own, as people see it; `clock` in milliseconds
        since 1970 UTC; `time_limit`: seconds that a call may take.

        Raises Misconfigured where the authority of people's BankIDs cannot be read.
        """
        self._settings = settings
        self._domain = domain
        # The longest way asks three times: how it stands, to end it, to start anew.
        self._api = RpApi(session, tls, settings.base_url, time_limit=time_limit / 3)
        self._clock = clock
        try:
            self._roots = read_roots(people_roots(settings))
        except ValueError as error:
            raise Misconfigured("BankID's people_ca holds no certificate") from error

    @property
    def name(self) -> str:
        """`bankid`."""
        return "bankid"

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start an order. ProviderDown with the hint `alreadyInProgress` where the person had another one open."""
        running = await self._start(factor, step_up, orders=1)
        shown = running.shown(step_up, running.started_at)
        return Challenge(running.state(), shown, step_up.expires_at, COLLECT_EVERY)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """Ask BankID how the order stands. Raises any NotProven."""
        return await self._collect(factor, step_up, _running(state, step_up), now)

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"return_nonce": "…"}` from the page's fragment, `{"renew": true}` for a new link or QR code, or
        `{"cancel": true}`. Raises any NotProven."""
        running = _running(state, step_up)
        if wishes(answer, "cancel"):
            await self.cancel(state)
            raise Cancelled("the person ended it")
        if wishes(answer, "renew"):
            return await self._renew_by_hand(factor, step_up, running, now)
        _take_nonce(running, answer)
        return await self._collect(factor, step_up, replace(running, returned=True), now)

    async def cancel(self, state: State) -> None:
        """End the order at BankID, unless it has ended already."""
        running = Running.of(state)
        if running.lapsed or running.proven is not None:
            return
        with suppress(NotProven):
            await self._api.cancel(running.order_ref)

    def qr(self, state: State, now: int) -> str:
        """The text of the QR code for this second (`now` in milliseconds), without asking BankID."""
        return bankid_qr.qr(state, now)

    def show(self, step_up: StepUp, state: State, *, now: int) -> Mapping[str, Any]:
        """What the page shows in this second, the QR code above all, without asking BankID."""
        return Running.of(state).shown(step_up, now)

    def subject_of(self, written: str, *, now: int) -> str:
        """The twelve digits of a personal number that somebody wrote. Raises Malformed."""
        try:
            return twelve_digits(written, datetime.fromtimestamp(now / 1000, UTC).date())
        except NotANumber as error:
            raise Malformed(str(error)) from None

    async def _start(self, factor: Factor, step_up: StepUp, *, orders: int) -> Running:
        binds = step_up.client.same_device and step_up.return_url is not None
        nonce = secrets.token_urlsafe(24) if binds else None
        asked = order_of(self._settings, self._domain, factor, step_up, nonce)
        order = await self._api.start(kind_of(step_up), asked)
        return Running.started(order, step_up, at=self._clock(), orders=orders, return_nonce=nonce)

    async def _collect(self, factor: Factor, step_up: StepUp, running: Running, now: int) -> Proof | Pending:
        if now >= step_up.expires_at:
            raise TimedOut("the step-up has ended")
        if running.lapsed:
            return await self._renew(factor, step_up, running, now)
        if running.proven is not None:
            return self._proof(factor, step_up, running, Completion(**running.proven["completion"]), now)
        collected = await self._api.collect(running.order_ref)
        if collected.completion is not None:
            return self._proof(factor, step_up, running, collected.completion, now)
        if collected.status == "pending":
            return _pending(replace(running, hint=collected.hint), step_up, now)
        if collected.hint in LAPSED:
            return await self._renew(factor, step_up, running, now)
        raise FAILURES.get(collected.hint, Refused)(f"the BankID order failed: {collected.hint}", hint=collected.hint)

    async def _renew(self, factor: Factor, step_up: StepUp, running: Running, now: int) -> Pending:
        """A new order in place of one that has ended. BankID being down now only puts it off."""
        if running.orders >= self._settings.most_orders:
            raise TimedOut("nobody opened the BankID order, and as many were started as may be", hint="startFailed")
        try:
            fresh = await self._start(factor, step_up, orders=running.orders + 1)
        except ProviderDown as error:
            if error.hint == "alreadyInProgress":
                # Somebody started another order for this person: to go on by itself would end that one each time.
                raise Cancelled("another BankID order of the same person was started", hint=error.hint) from error
            return _pending(replace(running, lapsed=True), step_up, now)
        return _pending(fresh, step_up, now)

    async def _renew_by_hand(self, factor: Factor, step_up: StepUp, running: Running, now: int) -> Proof | Pending:
        """A new order because the person asked for one; what they have signed meanwhile is not thrown away."""
        found = await self._collect(factor, step_up, running, now)
        renewed = isinstance(found, Pending) and found.state["order_ref"] != running.order_ref
        if isinstance(found, Proof) or renewed or found.state["proven"] is not None or found.state["lapsed"]:
            return found
        with suppress(TimedOut):
            await self._api.cancel(running.order_ref)
        return await self._renew(factor, step_up, running, now)

    def _proof(
        self, factor: Factor, step_up: StepUp, running: Running, completion: Completion, now: int
    ) -> Proof | Pending:
        proof = proof_of(self._settings, self._roots, factor, step_up, running, completion, now=now)
        if running.awaits_return:
            # BankID tells it once; it is verified again when the nonce is back.
            return _pending(replace(running, proven={"completion": asdict(completion), "at": proof.at}), step_up, now)
        return proof


def _running(state: State, step_up: StepUp) -> Running:
    """The order of this very step-up: the words and the hash alone would fit another one of the same intent."""
    running = Running.of(state)
    if running.step_up != step_up.id:
        raise OtherIntent("the BankID order was begun for another step-up")
    return running


def _take_nonce(running: Running, answer: Any) -> None:
    """The nonce is back. Raises Malformed, or WrongAnswer where it is another one."""
    if not isinstance(answer, dict) or set(answer) != {"return_nonce"} or not isinstance(answer["return_nonce"], str):
        raise Malformed("BankID takes a return_nonce, or renew")
    nonce = answer["return_nonce"]
    if running.return_nonce is None or len(nonce) > 128:
        raise Malformed("this BankID order was not started from the page")
    if not hmac.compare_digest(nonce.encode(errors="replace"), running.return_nonce.encode()):
        raise WrongAnswer("the BankID app came back to another page than it was started from")


def _pending(running: Running, step_up: StepUp, now: int) -> Pending:
    return Pending(running.state(), running.shown(step_up, now), COLLECT_EVERY)
