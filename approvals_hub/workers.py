"""What happens by itself: expiry, telling people, sealing, forgetting, new keys, carrying out what was decided."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from approvals_hub.audit.seal import Sealed, SealingRefused
from approvals_hub.core.log import logger
from approvals_hub.hub import CALLS, WAKE, Hub

log = logger("workers")

EXPIRY_SECONDS = 0.5
SEALING_SECONDS = 0.4
FORGETTING_SECONDS = 20.0
KEYS_SECONDS = 5.0
STEP_UPS_SECONDS = 0.5
RECOVERIES_SECONDS = 1.0
DRAFTS_SECONDS = 0.5
SILENCE_SECONDS = 900.0
"""Between two looks for devices of which nothing was heard for long: it is a matter of days."""
REHEARSING_SECONDS = 900.0
"""Between two tries of a channel that is not ready: servers shut out whoever signs in wrongly again and again."""
LONGEST_BACKOFF = 15.0


@dataclass(slots=True)
class Workers:
    """Starts one task for each kind of work and ends them all; a failure is logged and tried again, never fatal."""

    hub: Hub
    pace: float = 1.0
    """The pauses between two runs are multiplied by this."""
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _rehearsing: asyncio.Task[None] | None = None
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _said: dict[str, SealingRefused] = field(default_factory=dict)

    def start(self) -> None:
        """Begin."""
        for name, seconds, work in (
            ("expiry", EXPIRY_SECONDS, self.hub.advance),
            ("time-locks", EXPIRY_SECONDS, self.hub.complete),
            ("sealing", SEALING_SECONDS, self._seal),
            ("forgetting", FORGETTING_SECONDS, self._forget),
            ("keys", KEYS_SECONDS, self.hub.ring.load),
            ("step-ups", STEP_UPS_SECONDS, self.hub.collect_step_ups),
            ("sign-ins", STEP_UPS_SECONDS, self.hub.collect_sign_ins),
            ("sign-in-links", STEP_UPS_SECONDS, self.hub.send_links),
            ("proposing", RECOVERIES_SECONDS, self.hub.propose),
            ("carrying-out", RECOVERIES_SECONDS, self.hub.carry_out),
            ("asking-about-drafts", RECOVERIES_SECONDS, self.hub.ask_about_drafts),
            ("carrying-out-drafts", DRAFTS_SECONDS, self.hub.carry_out_drafts),
            ("break-glass", RECOVERIES_SECONDS, self.hub.end_break_glass.overdue),
        ):
            self.also(name, seconds, work)
        if not self.hub.reach.off:
            self.also("silent-devices", SILENCE_SECONDS, self.hub.reach.warn_of_stale)
            rehearsing = self._repeat("rehearsing", REHEARSING_SECONDS, self.hub.channels.rehearse)
            self._rehearsing = asyncio.create_task(rehearsing, name="worker:rehearsing")
            self._tasks.append(self._rehearsing)
            self._tasks.append(
                asyncio.create_task(self._woken("reaching", WAKE, self.hub.reach), name="worker:reaching")
            )
        self._tasks.append(
            asyncio.create_task(self._woken("callbacks", CALLS, self.hub.call_back), name="worker:callbacks")
        )
        self._tasks.append(asyncio.create_task(asyncio.to_thread(self._warm_up), name="worker:warm-up"))

    def also(self, name: str, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
        """One more kind of work, so many seconds apart, until all end."""
        self._tasks.append(asyncio.create_task(self._repeat(name, seconds * self.pace, work), name=f"worker:{name}"))

    async def stop(self) -> None:
        """Let each finish what it is doing, then seal what is left."""
        self._ending.set()
        self.hub.bus.publish([WAKE, CALLS])
        if self._rehearsing is not None:
            # It sends nothing, and a vendor that is silent would have the stop wait for it.
            self._rehearsing.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self.hub.collect_step_ups.stop()
        await self.hub.reach.stop()
        await self.hub.call_back.stop()
        try:
            await self._seal()
        except Exception:
            log.exception("worker_failed", worker="sealing")

    async def _forget(self) -> None:
        """Drop what is over."""
        await self.hub.forget()
        await self.hub.collect_step_ups.forget()

    async def _seal(self) -> None:
        """Seal what waits. A log that cannot go on is said aloud when that is found, and readiness fails.

        What is written meanwhile waits for the next time: each sealing costs a commit, a signature and a file, and
        where requests never cease, it would be made for every few of their entries.
        """
        while True:
            results = await self.hub.sealer.seal_all()
            for result in results:
                if isinstance(result, SealingRefused) and self._said.get(result.org_id) != result:
                    self._said[result.org_id] = result
                    log.critical(
                        "log_refused", org_id=result.org_id, writer=result.writer, seq=result.seq, why=result.why
                    )
            if not any(isinstance(result, Sealed) and result.added >= self.hub.sealer.batch for result in results):
                return

    async def _woken(self, name: str, topic: str, work: Callable[[], Awaitable[float]]) -> None:
        """Work that says when the next is due, woken before by whatever makes more of it."""
        with self.hub.bus.subscribe(topic) as ear:
            while not self._ending.is_set():
                try:
                    pause = await work() * self.pace
                except Exception:
                    log.exception("worker_failed", worker=name)
                    pause = LONGEST_BACKOFF * self.pace
                if pause and not self._ending.is_set():
                    await ear.wait(pause)

    def _warm_up(self) -> None:
        """Load late what start-up leaves out: otherwise the first answer of the day waits for it, and all beside it."""
        self.hub.signatures.warm_up()
        self.hub.mint.warm_up()

    async def _repeat(self, name: str, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
        pause = seconds
        while not self._ending.is_set():
            try:
                await work()
                pause = seconds
            except Exception:
                log.exception("worker_failed", worker=name)
                pause = min(pause * 2, LONGEST_BACKOFF)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)
