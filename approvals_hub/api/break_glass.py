"""Break-glass over HTTP: two owners or admins cut the waiting time of one recovery short."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items, Seconds, at
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.changes.break_glass import LONGEST, REASON_LIMIT, BreakGlass
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.core.discreet import Discreet


class NewBreakGlass(Discreet, Form, frozen=True):
    """Which recovery, why, for how many seconds (300 to 3600), and a fresh factor."""

    not_printed = ("reason",)

    recovery_id: Id
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT)]
    expires_in: Seconds = LONGEST // SECOND
    fresh: FreshForm | None = None


class Agreement(Form, frozen=True):
    """A fresh factor of the second person."""

    fresh: FreshForm | None = None


class BreakGlassView(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """One break-glass: `asked` by one person, `open` by two, `used`, or `ended`."""

    not_printed = ("reason",)

    break_glass_id: str
    recovery_id: str
    state: str
    cause: str | None
    asked_by: str
    asked_at: str
    joined_by: str | None
    joined_at: str | None
    expires_at: str
    ended_at: str | None
    ended_by: str | None
    reason: str | None = None


async def ask(call: Call[NewBreakGlass]) -> BreakGlassView:
    """Ask for it, as the first of two."""
    form = call.asked
    return _view(
        await call.hub.open_break_glass(
            call.person,
            form.recovery_id,
            reason=form.reason,
            life=form.expires_in * SECOND,
            fresh=fresh_of(form.fresh),
        )
    )


async def join(call: Call[Agreement]) -> BreakGlassView:
    """Agree, as the second of two."""
    return _view(await call.hub.open_break_glass.join(call.person, call.part("id"), fresh_of(call.asked.fresh)))


async def listed(call: Call[None]) -> Items[BreakGlassView]:
    """The organisation's, newest first, with their reasons."""
    return Items([_view(glass, reason) for glass, reason in await call.hub.open_break_glass.listed(call.person)])


async def end(call: Call[None]) -> BreakGlassView:
    """End it early."""
    return _view(await call.hub.end_break_glass(call.person, call.part("id")))


def _view(glass: BreakGlass, reason: str | None = None) -> BreakGlassView:
    return BreakGlassView(
        break_glass_id=glass.id,
        recovery_id=glass.recovery_id,
        state=glass.state,
        cause=glass.cause,
        asked_by=glass.asked_by,
        asked_at=to_text(glass.asked_at),
        joined_by=glass.joined_by,
        joined_at=at(glass.joined_at),
        expires_at=to_text(glass.expires_at),
        ended_at=at(glass.ended_at),
        ended_by=glass.ended_by,
        reason=reason,
    )
