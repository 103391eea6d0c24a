"""A provider for tests of signing in: the reception says who came in, to the page or to the hub that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from identity.errors import NotProven
from identity.proof import Binding, Challenge, Factor, Pending, Proof, State, StepUp


class Reception:
    """Believes `{"subject": …}` of a page, with `claims`; with `asks` the hub asks it, and hears `arrived`."""

    signs_in = True

    def __init__(self, name: str = "reception", *, asks: bool = False) -> None:
        self.name = name
        self.every = 1.0 if asks else None
        self.arrived: Mapping[str, Any] | NotProven | None = None
        """Who came in meanwhile, or what is wrong."""
        self.down: NotProven | None = None
        self.cancelled = 0
        self.asked: list[StepUp] = []
        self.called = asyncio.Event()
        """Somebody asks, or brings an answer."""
        self.speaks = asyncio.Event()
        """It answers; until this is cleared, at once."""
        self.speaks.set()

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        self.asked.append(step_up)
        if self.down is not None:
            raise self.down
        return Challenge({"step_up": step_up.id}, {"door": 1}, step_up.expires_at, self.every)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        await self._word()
        if isinstance(self.arrived, NotProven):
            raise self.arrived
        return Pending(state, {"door": 2}, self.every) if self.arrived is None else self._proof(self.arrived, now)

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        await self._word()
        if self.down is not None:
            raise self.down
        return Pending(state, {"door": 3}, self.every) if answer == {"wait": True} else self._proof(answer, now)

    async def cancel(self, state: State) -> None:
        self.cancelled += 1

    async def _word(self) -> None:
        self.called.set()
        await self.speaks.wait()

    def _proof(self, told: Mapping[str, Any], now: int) -> Proof:
        return Proof(
            method=self.name,
            amr=("pwd",),
            binding=Binding.NONCE,
            at=now,
            subject=told.get("subject"),
            acr_reported=told.get("acr"),
            once=tuple(told.get("once", ())),
            data={"claims": told.get("claims", {})},
            auth_ref="sha256:ref",
        )
