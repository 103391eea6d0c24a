""" "Not mine, ask X", over HTTP."""

from __future__ import annotations

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Form, Id, Items
from approvals_hub.core.clock import to_text
from approvals_hub.hub import HandedOver


class HandOverForm(Form, frozen=True):
    """Who is to be told instead: one of those to whom it can be handed over."""

    to: Id


class CandidateView(msgspec.Struct, frozen=True):
    """Somebody to whom it can be handed over."""

    person_id: str
    name: str


class HandOverView(msgspec.Struct, frozen=True):
    """A hand-over. Whoever made it may still answer, and is told no more."""

    escalation_id: str
    by: CandidateView
    to: CandidateView
    at: str


async def candidates(call: Call[None]) -> Items[CandidateView]:
    """To whom you can hand this question over: others who are asked now and have not answered."""
    found = await call.hub.hand_over.candidates(call.person, call.part("id"))
    return Items([CandidateView(each.person_id, each.name) for each in found])


async def hand_over(call: Call[HandOverForm]) -> HandOverView:
    """Not yours: have somebody else told of it now. The same again answers the same."""
    return _view(await call.hub.hand_over(call.person, call.part("id"), call.asked.to))


def _view(made: HandedOver) -> HandOverView:
    by, to = (CandidateView(each.person_id, each.name) for each in (made.by, made.to))
    return HandOverView(made.escalation_id, by, to, to_text(made.at))
