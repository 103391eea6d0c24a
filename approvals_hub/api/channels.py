"""An organisation's channels over HTTP: secrets go in, and never come out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Items, at
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.api.plans import GoneForm, Version
from approvals_hub.api.push import ChannelName, Language
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import LastError, ShownChannel, TriedChannel

Kind = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{1,31}$(?!\n)")]


class ChannelForm(Discreet, Form, frozen=True):
    """The whole channel, the version that it replaces (0 for a new one), and a fresh factor.

    Secrets that are left out stay as they are; null takes one away. Where another destination is sent, all are needed.
    """

    not_printed = ("settings",)

    kind: Kind
    settings: dict[str, Any]
    language: Language | None = None
    version: Version = 0
    fresh: FreshForm | None = None


class TryForm(Discreet, Form, frozen=True):
    """A channel as it would be; `name` is the saved one whose secrets are left out, where there is one."""

    not_printed = ("settings",)

    kind: Kind
    settings: dict[str, Any]
    name: ChannelName = "new"
    language: Language | None = None


class RateView(msgspec.Struct, frozen=True):
    """Attempts, and how many of them failed; `error_rate` is null where there were none."""

    attempts: int
    failed: int
    error_rate: float | None


class LastErrorView(msgspec.Struct, frozen=True):
    """The last attempt that failed, and what the provider said."""

    at: str
    status: str
    said: str | None


class HealthView(msgspec.Struct, frozen=True):
    """How the channel does in this organisation. `not_ready`: what was in the way when the hub last tried one of the
    operator's without sending, at its start. `breaker` is `open` while a process leaves it, or a host of it, alone
    until `left_alone_until`."""

    works: bool
    last_success_at: str | None
    last_error: LastErrorView | None
    not_ready: LastErrorView | None
    hour: RateView
    day: RateView
    breaker: Literal["closed", "open"]
    left_alone_until: str | None


class ChannelView(msgspec.Struct, frozen=True):
    """A channel without its secrets. Of the operator's (`source`: `operator`) nothing is said but that it is there and
    how it does."""

    name: str
    source: str
    kind: str
    takes: str
    settings: dict[str, Any] | None
    has_secret: bool
    fingerprint: str | None
    rotated_at: str | None
    recipient: str | None
    public_key: str | None
    language: str | None
    version: int | None
    changed_at: str | None
    changed_by: str | None
    used_by: list[str]
    health: HealthView


class TriedView(msgspec.Struct, frozen=True):
    """What the provider made of the test message, and what to do. The recipient is masked."""

    channel: str
    recipient: str
    status: Literal["delivered", "gone", "later", "settings", "refused", "permanent"]
    provider_id: str | None
    latency_ms: int
    said: str | None
    retry_after: int | None
    next_step: str


class FewView(msgspec.Struct, frozen=True):
    """`approvers` or `group:NAME`, and the working channels on which one of them is told: fewer than two. Where all
    who may answer are told on two or more together, each of them who is not follows as `person:ID`, with a `name`."""

    code: Literal["few_channels"]
    whom: str
    channels: list[str]
    next_step: str
    name: str | None = None


async def listed(call: Call[None]) -> Items[ChannelView]:
    """All channels, the organisation's own first."""
    return Items([_view(each) for each in await call.hub.channels.read(call.person)])


async def one(call: Call[None]) -> ChannelView:
    """One channel, and how it does."""
    return _view(await call.hub.channels.read.one(call.person, call.part("name")))


async def put(call: Call[ChannelForm]) -> ChannelView:
    """Set up a channel, or change it. What is sent next goes over it as it is then."""
    asked = call.asked
    made = await call.hub.channels.put(
        call.person,
        call.part("name"),
        asked.kind,
        asked.settings,
        language=asked.language,
        version=asked.version,
        fresh=fresh_of(asked.fresh),
    )
    return _view(made)


async def delete(call: Call[GoneForm]) -> ChannelView:
    """Delete a channel that no route names."""
    asked = call.asked
    gone = await call.hub.channels.delete(
        call.person, call.part("name"), version=asked.version, fresh=fresh_of(asked.fresh)
    )
    return _view(gone)


async def try_saved(call: Call[None]) -> TriedView:
    """Send a test message over a saved channel, to your own address on it."""
    return _tried(await call.hub.channels.tried(call.person, call.part("name")))


async def try_unsaved(call: Call[TryForm]) -> TriedView:
    """Send a test message over a channel as it would be, to your own address; nothing is saved."""
    asked = call.asked
    return _tried(
        await call.hub.channels.tried.unsaved(
            call.person, asked.name, asked.kind, asked.settings, language=asked.language
        )
    )


async def warnings(call: Call[None]) -> Items[FewView]:
    """Whom fewer than two working channels reach."""
    found = await call.hub.channels.read.warnings(call.person)
    step = "Set up another channel, or let these people link an address or a device on one more."
    return Items([FewView("few_channels", each.whom, each.channels, step, each.name) for each in found])


def _tried(tried: TriedChannel) -> TriedView:
    return TriedView(**msgspec.structs.asdict(tried))


def _view(shown: ShownChannel) -> ChannelView:
    members = msgspec.structs.asdict(shown)
    health = shown.health
    hour, day = (
        RateView(rate.attempts, rate.failed, rate.failed / rate.attempts if rate.attempts else None)
        for rate in (health.hour, health.day)
    )
    seen = HealthView(
        works=health.works(),
        last_success_at=at(health.last_success_at),
        last_error=_error(health.last_error),
        not_ready=_error(health.not_ready),
        breaker="closed" if health.left_alone_until is None else "open",
        left_alone_until=at(health.left_alone_until),
        hour=hour,
        day=day,
    )
    times = {name: at(members[name]) for name in ("rotated_at", "changed_at")}
    return ChannelView(**{**members, **times, "health": seen})


def _error(error: LastError | None) -> LastErrorView | None:
    return None if error is None else LastErrorView(to_text(error.at), error.status, error.said)
