"""Where an agent's programs may be called back, over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Line
from approvals_hub.api.fresh import FreshForm, fresh_of
from approvals_hub.core.clock import to_text
from approvals_hub.core.discreet import Discreet
from approvals_hub.hub import Callbacks

Hosts = Annotated[list[Line], msgspec.Meta(max_length=10)]


class CallbacksForm(Form, frozen=True):
    """All hosts that the agent may name, such as `hooks.example`; none: it is called no more."""

    hosts: Hosts
    fresh: FreshForm | None = None


class RotateForm(Form, frozen=True):
    """Another secret: it takes a fresh factor."""

    fresh: FreshForm | None = None


class CallView(msgspec.Struct, frozen=True):
    """One call that was due; `said` is why its last attempt brought nothing, `send_at` when it is tried next."""

    escalation_id: str
    host: str
    state: str
    attempts: int
    said: str | None
    send_at: str | None
    settled_at: str | None


class CallbacksView(Discreet, msgspec.Struct, frozen=True, omit_defaults=True):
    """What is set, and the newest calls. `secret` is shown this once, where one was made; `named` is the host that an
    OpenLeash agent named when it joined: it is called once that is one of `hosts`."""

    not_printed = ("secret",)

    agent_id: str
    hosts: list[str]
    has_secret: bool
    fingerprint: str | None
    rotated_at: str | None
    previous_until: str | None
    calls: list[CallView]
    named: str | None = None
    secret: str | None = None


async def read(call: Call[None]) -> CallbacksView:
    """Where one agent may be called."""
    return _view(await call.hub.keep_callbacks.read(call.person, call.part("org"), call.part("agent")))


async def replace(call: Call[CallbacksForm]) -> CallbacksView:
    """Set the hosts; the first time a secret is made."""
    form = call.asked
    kept = await call.hub.keep_callbacks.set(
        call.person, call.part("org"), call.part("agent"), form.hosts, fresh_of(form.fresh)
    )
    return _view(kept.callbacks, kept.secret)


async def rotate(call: Call[RotateForm]) -> CallbacksView:
    """Make another secret; the one of before signs beside it for a day."""
    kept = await call.hub.keep_callbacks.rotate(
        call.person, call.part("org"), call.part("agent"), fresh_of(call.asked.fresh)
    )
    return _view(kept.callbacks, kept.secret)


def _view(kept: Callbacks, secret: str | None = None) -> CallbacksView:
    return CallbacksView(
        kept.agent_id,
        kept.hosts,
        kept.has_secret,
        kept.fingerprint,
        _text(kept.rotated_at),
        _text(kept.previous_until),
        [
            CallView(
                each.escalation_id,
                each.host,
                each.state,
                each.attempts,
                each.said,
                _text(each.send_at),
                _text(each.settled_at),
            )
            for each in kept.calls
        ],
        kept.named,
        secret,
    )


def _text(at: int | None) -> str | None:
    return None if at is None else to_text(at)
