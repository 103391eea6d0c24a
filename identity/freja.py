"""Freja eID as a step-up: the person signs the very words and the hash in their own app.

The page shows a QR code and a link; where the person's number is kept, Freja asks them by a push message. The code does
not change while it is shown: a picture of it that is sent to somebody else works as long as the signature does. Whoever
signs is compared with who is asked, so their signature counts for nobody else.

Freja describes a code that moves as well ("Dynamic QR Code Implementation (BETA)": `useDynamicQrCode`, and a
`qrCodeSecret` that keys an HMAC over the second). It is not asked for as long as that is a beta whose form of the key
could not be tried against Freja: a code made wrong is one that nobody can scan.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from identity.attempt import wishes
from identity.errors import Cancelled, Malformed, NotProven, ProviderDown, Refused, TimedOut, WrongPerson
from identity.freja_api import SignatureApi
from identity.freja_evidence import Asked, verified
from identity.freja_order import hidden_of, order_of, text_of
from identity.freja_running import Running
from identity.freja_settings import FrejaSettings, jws_certificates
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.provider import TIME_LIMIT

if TYPE_CHECKING:
    from aiohttp import ClientSession

COLLECT_EVERY = 2.0
"""Seconds, by the server, however many pages are open."""
ENDS: Mapping[str, type[Refused]] = {
    "CANCELED": Cancelled,
    "RP_CANCELED": Cancelled,
    "REJECTED": Cancelled,
    "EXPIRED": TimedOut,
}
"""Statuses of what has ended unsigned. Others, also those that Freja adds later, are pending until the step-up ends."""


class Freja:
    """The provider. Keeps nothing between two calls."""

    signs_in = True
    proofs_expire = True

    def __init__(
        self,
        settings: FrejaSettings,
        session: ClientSession,
        tls: ssl.SSLContext,
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        time_limit: float = TIME_LIMIT - 1,
    ) -> None:
        """`tls` as `freja_settings.tls` makes it; `clock` in milliseconds since 1970 UTC; `time_limit`: seconds that
        a call may take. Raises Misconfigured where Freja's certificates cannot be read."""
        self._settings = settings
        self._api = SignatureApi(session, tls, settings.base_url)
        self._certificates = jws_certificates(settings)
        self._clock = clock
        self._time_limit = time_limit

    @property
    def name(self) -> str:
        """`freja`."""
        return "freja"

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Ask for a signature. Raises Refused, ProviderDown, Misconfigured."""
        order = order_of(self._settings, factor, step_up, now=self._clock())
        async with self._in_time():
            reference = await self._api.start(order)
        running = Running(step_up.id, step_up.intent_hash, reference, named=order["userInfoType"] == "SSN")
        return Challenge(running.state(), running.shown(step_up), step_up.expires_at, COLLECT_EVERY)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        """Ask Freja how it stands. Raises any NotProven."""
        running = Running.for_step_up(state, step_up)
        if now >= step_up.expires_at:
            raise TimedOut("the step-up has ended")
        async with self._in_time():
            result = await self._api.result(running.reference)
        if result.details is not None and result.status == "APPROVED":
            return self._proof(factor, step_up, running, result.details, now)
        if result.status in ENDS:
            hint = result.status.lower()
            raise ENDS[result.status](f"Freja's signature ended: {hint}", hint=hint)
        running = replace(running, status=result.status)
        return Pending(running.state(), running.shown(step_up), COLLECT_EVERY)

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        """Take `{"cancel": true}`; all else comes from Freja, by `collect`. Raises Cancelled, Malformed."""
        Running.for_step_up(state, step_up)
        if not wishes(answer, "cancel"):
            raise Malformed("Freja takes no answer from the page")
        await self.cancel(state)
        raise Cancelled("the person ended it")

    async def cancel(self, state: State) -> None:
        """End it at Freja, unless it has ended already."""
        with suppress(NotProven):
            async with self._in_time():
                await self._api.cancel(Running.of(state).reference)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._time_limit):
                yield
        except TimeoutError:
            raise ProviderDown("Freja did not answer in time") from None

    def _proof(self, factor: Factor, step_up: StepUp, running: Running, details: str, now: int) -> Proof:
        settings = self._settings
        asked = Asked(
            reference=running.reference,
            text=text_of(step_up),
            hidden=hidden_of(step_up),
            level=settings.min_registration_level,
            known_by=settings.known_by,
            began_at=step_up.began_at,
            now=now,
        )
        signed = verified(details, asked, self._certificates)
        if not factor.is_mine(signed.subject):
            raise WrongPerson("somebody else signed with their Freja")
        # The hub keeps a keyed hash of the number; the number itself only where the settings say so.
        kept = {"personal_number": signed.subject if settings.keep_personal_number else None}
        return Proof(
            method="freja",
            amr=("pop", "mfa"),
            binding=Binding.SIGNED,
            at=min(max(signed.at, step_up.began_at), now),
            subject=signed.subject,
            identified="eid",
            # Freja+ alone is an eID of level 3; EXTENDED is a document that the app has read.
            acr_reported="SUBSTANTIAL" if signed.level == "PLUS" else "LOW",
            once=(f"freja:{running.reference}",),
            data=kept if step_up.purpose is Purpose.LINK else None,
            evidence={"jws": details.encode(), "certificate": signed.certificate},
            auth_ref=running.reference,
            facts={"registration_level": signed.level, "face": settings.face},
        )
