"""What the operator may do about signals and the mode: a part of the table in `operate.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from approvals_hub.cli.arguments import Answer, Arguments, Nothing
from approvals_hub.cli.tenant import the_org
from approvals_hub.core.clock import to_text
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.policies.signal import Measured, Mode, Signal


class OneSignal(Arguments, frozen=True):
    """A command about one signal."""

    name: str


class NewSignal(OneSignal, frozen=True):
    """What it is, and the ids of the monitors that may set it."""

    about: str
    monitors: list[str] = msgspec.field(default_factory=list)


class SetSignal(OneSignal, frozen=True):
    """Why, and for how many seconds, or until it is cleared."""

    reason: str
    lasts: int | None = None
    stays: bool = False


class SetMode(Arguments, frozen=True):
    """The same of a mode."""

    mode: str
    reason: str
    lasts: int | None = None
    stays: bool = False


class Modes(Arguments, frozen=True):
    """All that there are, and the usual one."""

    modes: list[str]
    usual: str


async def list_signals(hub: Hub, given: Nothing) -> Answer:
    """All that are declared, and who holds them set; then those that the hub measures."""
    found = await hub.policies.signals.list(OperatorCredential(await the_org(hub, given.org)))
    return {"items": [*map(_signal, found.declared), *map(_signal, found.measured)]}


async def declare_signal(hub: Hub, given: NewSignal) -> Answer:
    """Say what it is."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _signal(await hub.policies.signals.declare(operator, given.name, given.about, given.monitors))


async def remove_signal(hub: Hub, given: OneSignal) -> Answer:
    """Declare it no more."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _signal(await hub.policies.signals.remove(operator, given.name))


async def set_signal(hub: Hub, given: SetSignal) -> Answer:
    """Set it."""
    operator, keep = OperatorCredential(await the_org(hub, given.org)), hub.policies.signals
    return _signal(await keep.set(operator, given.name, given.reason, lasts=given.lasts, stays=given.stays))


async def clear_signal(hub: Hub, given: OneSignal) -> Answer:
    """Clear it, whoever holds it set."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _signal(await hub.policies.signals.clear(operator, given.name))


async def show_mode(hub: Hub, given: Nothing) -> Answer:
    """The mode, and which there are."""
    return _mode(await hub.policies.mode.read(OperatorCredential(await the_org(hub, given.org))))


async def set_mode(hub: Hub, given: SetMode) -> Answer:
    """Work in another one."""
    operator, keep = OperatorCredential(await the_org(hub, given.org)), hub.policies.mode
    return _mode(await keep.set(operator, given.mode, given.reason, lasts=given.lasts, stays=given.stays))


async def define_modes(hub: Hub, given: Modes) -> Answer:
    """Say which there are."""
    operator = OperatorCredential(await the_org(hub, given.org))
    return _mode(await hub.policies.mode.define(operator, given.modes, given.usual))


SIGNALS: dict[str, tuple[type[Arguments], Callable[[Hub, Any], Awaitable[Answer]]]] = {
    "signals.list": (Nothing, list_signals),
    "signals.declare": (NewSignal, declare_signal),
    "signals.remove": (OneSignal, remove_signal),
    "signals.set": (SetSignal, set_signal),
    "signals.clear": (OneSignal, clear_signal),
    "mode.get": (Nothing, show_mode),
    "mode.set": (SetMode, set_mode),
    "mode.define": (Modes, define_modes),
}


def _signal(found: Signal | Measured) -> dict[str, Any]:
    members: dict[str, Any] = {**msgspec.to_builtins(found), "stands": found.stands}
    if isinstance(found, Measured):
        return {**members, "measured": True, "monitors": [], "settings": [], "changed_at": None, "changed_by": None}
    members["measured"] = False
    return {**_timed(members), "settings": [_timed(each) for each in members["settings"]]}


def _mode(found: Mode) -> dict[str, Any]:
    return _timed(msgspec.to_builtins(found))


def _timed(members: dict[str, Any]) -> dict[str, Any]:
    times = ("since", "until", "changed_at")
    return {name: to_text(value) if name in times and value is not None else value for name, value in members.items()}
