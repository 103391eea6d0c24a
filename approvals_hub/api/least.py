"""How little is said in messages to a person, over HTTP."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form


class LeastForm(Form, frozen=True):
    """`least`: messages to this person say no more than who asks and how risky it is, whatever the organisation
    allows."""

    least: bool


class LeastView(msgspec.Struct, frozen=True):
    """What stands now, in all organisations of the person."""

    least: bool


async def read(call: Call[None]) -> LeastView:
    """Whether the least is said to this person."""
    return LeastView(await call.hub.want_least.present(call.person))


async def replace(call: Call[LeastForm]) -> LeastView:
    """Set it, from the next message on."""
    return LeastView(await call.hub.want_least(call.person, least=call.asked.least))
