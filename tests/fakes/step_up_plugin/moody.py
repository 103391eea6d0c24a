"""A step-up provider from outside that does whatever a test says: it raises, hangs, lies, or works as it should.

Left alone it is a vendor with an app: an order is Pending until its person approves it there, then proven once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.errors import WrongAnswer, WrongPerson
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp
from identity.registry import Given

SECRET = "moody-5ecret"
"""In everything that the provider remembers, proves and raises: it must not be found anywhere else."""


@dataclass
class Vendor:
    """The vendor's side, and what the provider does next: by the name of the call."""

    does: dict[str, Any] = field(default_factory=dict)
    """An exception is raised, a function is called and awaited, anything else is the answer."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Every call that came in: its name, and the step-up or the order."""
    approved: dict[str, str] = field(default_factory=dict)
    """Orders that somebody approved: by whom."""
    shown: Any = None
    """What is shown at any moment; None: what was shown at the beginning."""
    subject: Any = None
    """What it makes of a number; None: the number without its outer space."""
    shut: asyncio.Event = field(default_factory=asyncio.Event)
    """What `hang` waits for."""

    def approve(self, order: str, subject: str = "anna") -> None:
        """Somebody approves it in the app."""
        self.approved[order] = subject

    def called(self, name: str) -> list[str]:
        return [about for call, about in self.calls if call == name]

    async def hang(self, *given: Any, **more: Any) -> Any:
        """Never answer, unless the test says so."""
        await self.shut.wait()

    async def answer(self, name: str, about: str, otherwise: Any) -> Any:
        self.calls.append((name, about))
        does = self.does.get(name)
        if isinstance(does, BaseException):
            raise does
        if callable(does):
            return await does()
        return otherwise() if does is None else does


vendor = Vendor()


def fresh_vendor() -> Vendor:
    """A vendor who knows nothing of earlier tests."""
    global vendor
    vendor = Vendor()
    return vendor


class Moody:
    """The provider `moody`. `Factor.data` is `{"secret": …}`, and the person is whom `is_mine` knows."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        state = {"order": step_up.id, "secret": SECRET}
        begun = Challenge(state, {"open": "your app"}, step_up.expires_at, collect_every=2.0)
        return await vendor.answer("begin", step_up.id, lambda: begun)  # type: ignore[no-any-return]  # a test's wish

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Proof | Pending:
        return await self._told("collect", factor, step_up, state, now)

    async def complete(
        self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int
    ) -> Proof | Pending:
        if answer == {"word": "wrong"}:
            raise WrongAnswer(f"not {SECRET}")
        return await self._told("complete", factor, step_up, state, now)

    async def cancel(self, state: State) -> None:
        await vendor.answer("cancel", state["order"], lambda: None)

    def show(self, step_up: StepUp, state: State, *, now: int) -> Mapping[str, Any]:
        if isinstance(vendor.shown, BaseException):
            raise vendor.shown
        return {"open": "your app"} if vendor.shown is None else vendor.shown  # type: ignore[no-any-return]  # the same

    def subject_of(self, written: str, *, now: int) -> str:
        if isinstance(vendor.subject, BaseException):
            raise vendor.subject
        return written.strip() if vendor.subject is None else vendor.subject  # type: ignore[no-any-return]  # the same

    async def _told(self, call: str, factor: Factor, step_up: StepUp, state: State, now: int) -> Any:
        def told() -> Proof | Pending:
            subject = vendor.approved.get(state["order"])
            if subject is None:
                return Pending(state, {"open": "your app"}, collect_every=2.0)
            if not factor.is_mine(subject):
                raise WrongPerson("somebody else approved it")
            data = {"secret": SECRET} if step_up.purpose is Purpose.LINK else None
            return proof_of(state["order"], now, subject=subject, data=data)

        return await vendor.answer(call, step_up.id, told)


def proof_of(order: str, when: int, **bent: Any) -> Proof:
    """What the vendor proves of an order where all is well; `bent` is what a test makes of it."""
    members: dict[str, Any] = {
        "method": "moody",
        "amr": ("pop", "mfa"),
        "binding": Binding.SIGNED,
        "at": when,
        "subject": "anna",
        "identified": "eid",
        "acr_reported": "SUBSTANTIAL",
        "once": (f"order:{order}",),
        "evidence": {"signed": SECRET.encode()},
        "auth_ref": f"ref-{order}",
        **bent,
    }
    return Proof(**members)


def make(name: str, settings: Mapping[str, Any], given: Given) -> Moody:
    """What the entry point names."""
    return Moody(name)
