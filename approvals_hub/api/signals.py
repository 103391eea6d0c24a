"""Signals and the mode over HTTP: what stands in an organisation, and what policies therefore select by."""

from __future__ import annotations

from typing import Annotated

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, Line, Seconds, at
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import to_text
from approvals_hub.policies.signal import Measured, Mode, Signal

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=63)]


class SignalForm(Form, frozen=True):
    """What the signal is, and the monitors that may set it beside people. Needs a fresh factor."""

    about: Line
    monitors: Annotated[list[Id], msgspec.Meta(max_length=10)] = msgspec.field(default_factory=list)
    fresh: FreshForm | None = None


class SetForm(Form, frozen=True):
    """Why, and either for how many seconds (30 days at most) or `stays`: until somebody clears it. Needs a fresh
    factor."""

    reason: Line
    lasts: Seconds | None = None
    stays: bool = False
    fresh: FreshForm | None = None


class MonitorForm(Form, frozen=True):
    """Why, and for how many seconds from now on, 30 days at most."""

    reason: Line
    lasts: Seconds


class ClearForm(Form, frozen=True):
    """A fresh factor."""

    fresh: FreshForm | None = None


class ModesForm(Form, frozen=True):
    """All modes that there are, and the one that holds where no other is set. Needs a fresh factor."""

    modes: Annotated[list[Word], msgspec.Meta(min_length=1, max_length=20)]
    usual: Word
    fresh: FreshForm | None = None


class ModeForm(SetForm, frozen=True, kw_only=True):
    """The same as of a signal, and which mode; afterwards the usual one holds again."""

    mode: Word


class SettingView(msgspec.Struct, frozen=True):
    """Who holds a signal set: `people`, or a monitor's id. `until` null: until a person clears it."""

    setter: str
    reason: str | None
    since: str
    until: str | None
    set_by: str


class SignalView(msgspec.Struct, frozen=True):
    """One signal. `stands` as long as anybody holds it set.

    Those that the hub measures (`measured`, names like `hub.approver_haste`) are set and cleared by nobody; `stands` is
    null where each agent has its own. Policies name them as the others.
    """

    name: str
    about: str
    stands: bool | None
    measured: bool
    settings: list[SettingView]
    monitors: list[str]
    changed_at: str | None
    changed_by: str | None


class MonitoredView(msgspec.Struct, frozen=True):
    """A signal that names the calling monitor, and whether the monitor itself holds it set."""

    name: str
    about: str
    set: bool
    until: str | None


class ModeView(msgspec.Struct, frozen=True):
    """The mode that policies see. `until` null: until somebody sets another; the rest is null in the usual one."""

    mode: str
    usual: str
    modes: list[str]
    reason: str | None
    since: str | None
    until: str | None
    set_by: str | None


async def listed(call: Call[None]) -> Items[SignalView]:
    """All that are declared, by name, then those that the hub measures, with when each stands."""
    found = await call.hub.policies.signals.list(call.person)
    return Items([*map(_view, found.declared), *map(_measured, found.measured)])


async def declare(call: Call[SignalForm]) -> SignalView:
    """Declare a signal, or say otherwise what it is and who may set it; what is set stays so."""
    form, keep = call.asked, call.hub.policies.signals
    fresh = fresh_of(form.fresh)
    return _view(await keep.declare(call.person, call.part("name"), form.about, form.monitors, fresh=fresh))


async def remove(call: Call[ClearForm]) -> SignalView:
    """Declare it no more; refused while a policy in force names it."""
    keep = call.hub.policies.signals
    return _view(await keep.remove(call.person, call.part("name"), fresh=fresh_of(call.asked.fresh)))


async def set_signal(call: Call[SetForm]) -> SignalView:
    """Set it, from the next decision on; owners and admins are told."""
    form, keep = call.asked, call.hub.policies.signals
    fresh = fresh_of(form.fresh)
    return _view(
        await keep.set(call.person, call.part("name"), form.reason, lasts=form.lasts, stays=form.stays, fresh=fresh)
    )


async def clear(call: Call[ClearForm]) -> SignalView:
    """Clear it, whoever holds it set; owners and admins are told."""
    keep = call.hub.policies.signals
    return _view(await keep.clear(call.person, call.part("name"), fresh=fresh_of(call.asked.fresh)))


async def mode(call: Call[None]) -> ModeView:
    """In which mode the organisation works."""
    return _mode(await call.hub.policies.mode.read(call.person))


async def set_mode(call: Call[ModeForm]) -> ModeView:
    """Work in another mode, from the next decision on; owners and admins are told."""
    form, keep = call.asked, call.hub.policies.mode
    fresh = fresh_of(form.fresh)
    return _mode(await keep.set(call.person, form.mode, form.reason, lasts=form.lasts, stays=form.stays, fresh=fresh))


async def define_modes(call: Call[ModesForm]) -> ModeView:
    """Say which modes there are; refused where one would be missing that is in use."""
    form = call.asked
    return _mode(await call.hub.policies.mode.define(call.person, form.modes, form.usual, fresh=fresh_of(form.fresh)))


async def mine(call: Call[None]) -> Items[MonitoredView]:
    """The signals that name the calling monitor."""
    return Items([_monitored(each) for each in await call.hub.policies.monitor_signals.list(call.agent)])


async def set_mine(call: Call[MonitorForm]) -> MonitoredView:
    """Set one of them for a while; the same again is for as long from now on."""
    form, keep = call.asked, call.hub.policies.monitor_signals
    return _monitored(await keep.set(call.agent, call.part("name"), form.reason, lasts=form.lasts))


async def clear_mine(call: Call[None]) -> MonitoredView:
    """Hold it set no more; what people or other monitors hold still stands."""
    return _monitored(await call.hub.policies.monitor_signals.clear(call.agent, call.part("name")))


def _view(signal: Signal) -> SignalView:
    return SignalView(
        signal.name,
        signal.about,
        signal.stands,
        False,
        [
            SettingView(each.setter, each.reason, to_text(each.since), at(each.until), each.set_by)
            for each in signal.settings
        ],
        list(signal.monitors),
        to_text(signal.changed_at),
        signal.changed_by,
    )


def _measured(found: Measured) -> SignalView:
    return SignalView(found.name, found.about, found.stands, True, [], [], None, None)


def _monitored(signal: Signal) -> MonitoredView:
    until = signal.settings[0].until if signal.settings else None
    return MonitoredView(signal.name, signal.about, signal.stands, at(until))


def _mode(found: Mode) -> ModeView:
    return ModeView(
        found.mode, found.usual, list(found.known), found.reason, at(found.since), at(found.until), found.set_by
    )
