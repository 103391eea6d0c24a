"""Swedish BankID as a step-up: the person signs the very words and the hash in their own app.

On the same device the app is started by a link, and must bring a nonce back to the page that it was started from: else
whoever talks somebody into following the link would get their signature. On another device the person scans a QR code
that changes every second. Each challenge is for one of the two; `begin` again changes it.

An order that nobody opened ends after 30 seconds; a new one is started by itself, until the step-up ends. BankID tells
the end of an order once. Where the hub stops between hearing and storing it, the next `collect` is TimedOut: the person
begins anew, and what they signed counts for nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from identity import bankid_evidence, bankid_qr
from identity.bankid_api import RISKS, Collected, Completion, RpApi
from identity.bankid_certificates import read_roots
from identity.bankid_evidence import Asked, Evidence
from identity.bankid_order import asks_risk, hidden_data, kind_of, order_of, visible_data
from identity.bankid_running import Running
from identity.bankid_settings import Settings
from identity.errors import (
    Cancelled,
    Malformed,
    Misconfigured,
    NotProven,
    ProviderDown,
    Refused,
    TimedOut,
    TooRisky,
    TooWeak,
    WrongAnswer,
    WrongPerson,
)
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
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

    def __init__(
        self,
        settings: Settings,
        session: ClientSession,
        tls: ssl.SSLContext,
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        time_limit: float = TIME_LIMIT - 1,
    ) -> None:
        """`tls` as `bankid_settings.tls` makes it; `clock` in milliseconds; `time_limit`: seconds that a call may take.

        Raises Misconfigured where the authority of people's BankIDs cannot be read.
        """
        self._settings = settings
        self._api = RpApi(session, tls, settings.url)
        self._clock = clock
        self._time_limit = time_limit
        try:
            self._roots = read_roots(settings.people_ca.read_bytes())
        except (OSError, ValueError) as error:
            raise Misconfigured(f"BankID's people_ca cannot be read: {type(error).__name__}") from error

    @property
    def name(self) -> str:
        """`bankid`."""
        return "bankid"

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start an order. ProviderDown with the hint `alreadyInProgress` where the person had another one open."""
        async with self._in_time():
            running = await self._start(factor, step_up, orders=1)
        shown = running.shown(step_up, running.started_at)
        return Challenge(running.state(), shown, step_up.expires_at, COLLECT_EVERY)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """Ask BankID how the order stands. Raises any NotProven."""
        async with self._in_time():
            return await self._collect(factor, step_up, Running.of(state), now)

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"return_nonce": "…"}` from the page's fragment, or `{"renew": true}` for a new link or QR code."""
        running = Running.of(state)
        async with self._in_time():
            if answer == {"renew": True} and answer["renew"] is True:
                return await self._renew_by_hand(factor, step_up, running, now)
            _take_nonce(running, answer)
            return await self._collect(factor, step_up, replace(running, returned=True), now)

    async def cancel(self, state: State) -> None:
        """End the order at BankID, unless it has ended already."""
        running = Running.of(state)
        with suppress(NotProven):
            async with self._in_time():
                if not running.lapsed and running.proven is None:
                    await self._api.cancel(running.order_ref)

    def qr(self, state: State, now: int) -> str:
        """The text of the QR code for this second (`now` in milliseconds), without asking BankID."""
        return bankid_qr.qr(state, now)

    def show(self, step_up: StepUp, state: State, *, now: int) -> Mapping[str, Any]:
        """What the page shows in this second, the QR code above all, without asking BankID."""
        return Running.of(state).shown(step_up, now)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._time_limit):
                yield
        except TimeoutError:
            raise ProviderDown("BankID did not answer in time") from None

    async def _start(self, factor: Factor, step_up: StepUp, *, orders: int) -> Running:
        binds = step_up.client.same_device and step_up.return_url is not None
        nonce = secrets.token_urlsafe(24) if binds else None
        order = await self._api.start(kind_of(step_up), order_of(self._settings, factor, step_up, nonce))
        return Running.started(order, at=self._clock(), orders=orders, return_nonce=nonce)

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
        return await self._failed(factor, step_up, running, collected, now)

    async def _failed(
        self, factor: Factor, step_up: StepUp, running: Running, collected: Collected, now: int
    ) -> Proof | Pending:
        hint = collected.hint
        if hint in LAPSED:
            return await self._renew(factor, step_up, running, now)
        raise FAILURES.get(hint, Refused)(f"the BankID order failed: {hint}", hint=hint)

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
        at = now if running.proven is None else int(running.proven["at"])
        evidence = self._verified(step_up, completion, at)
        bankid_evidence.require_same_person(evidence, completion.personal_number)
        if not factor.is_mine(evidence.personal_number):
            raise WrongPerson("somebody else signed with their BankID")
        self._require_low_risk(step_up, completion)
        if self._settings.mrtd and completion.mrtd is not True:
            raise TooWeak("no travel document was scanned", hint="mrtd")
        if running.awaits_return:
            told = {name: getattr(completion, name) for name in Completion.__slots__}
            return _pending(replace(running, proven={"completion": told, "at": at}), step_up, now)
        return Proof(
            method=self.name,
            amr=("pop", "mfa"),
            binding=Binding.SIGNED,
            at=at,
            subject=evidence.personal_number,
            identified="eid",
            once=(f"bankid:{running.order_ref}",),
            data=self._kept(evidence) if step_up.purpose is Purpose.LINK else None,
            evidence={"signature": evidence.signature, "ocsp": evidence.ocsp},
            auth_ref=running.order_ref,
            facts=_facts(step_up, running, completion),
        )

    def _verified(self, step_up: StepUp, completion: Completion, at: int) -> Evidence:
        asked = Asked(
            kind=kind_of(step_up),
            visible=visible_data(step_up),
            hidden=hidden_data(step_up),
            policies=self._settings.certificate_policies,
            not_before=step_up.began_at,
        )
        return bankid_evidence.verify(completion.signature, completion.ocsp, asked, roots=self._roots, now=at)

    def _require_low_risk(self, step_up: StepUp, completion: Completion) -> None:
        if not asks_risk(self._settings, step_up):
            return
        if completion.risk is None:
            if not self._settings.accept_missing_risk:
                raise TooRisky("BankID did not say how risky it takes the order to be", hint="risk_missing")
            return
        most = step_up.most_risk or "moderate"
        if most not in RISKS or RISKS.index(completion.risk) > RISKS.index(most):
            raise TooRisky(f"BankID sees a {completion.risk} risk", hint="risk")

    def _kept(self, evidence: Evidence) -> State:
        """What a linked factor holds: the number only where the settings say so, as the hub keeps a keyed hash."""
        return {"personal_number": evidence.personal_number if self._settings.keep_personal_number else None}


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


def _facts(step_up: StepUp, running: Running, completion: Completion) -> dict[str, str | int | bool]:
    """What a policy may ask about; no name, number or address."""
    return {
        "risk": completion.risk or "unknown",
        "same_device": running.return_nonce is not None,
        "same_address": _is_same_address(completion.address, step_up.client.address),
        "mrtd": completion.mrtd is True,
    }


def _is_same_address(told: str | None, seen: str) -> bool:
    try:
        return told is not None and ipaddress.ip_address(told) == ipaddress.ip_address(seen)
    except ValueError:
        return False
