"""Which route a question gets, and what of it is frozen at its opening."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.routing.built_in_route import NAME, built_in_route
from approvals_hub.routing.question import Question
from approvals_hub.routing.resolve import resolve_in, route_for_in
from approvals_hub.routing.route import KEEP_WAITING, Route
from approvals_hub.routing.stages import Stages, opened

NOWHERE = "-"
"""Stands in a frozen route for a channel that was not there at the opening: nobody has an address on it."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Knows the channels of the settings and of organisations, as they stand when a question opens."""

    book: AddressBook

    async def stages_in(
        self, tx: Tx, escalation: Escalation, beside: Beside, name: str | None = None, *, urgent: bool = False
    ) -> Stages | None:
        """Who is told of this question, and how, from its opening on; None where nobody is told by a channel.

        The route of this name, else the organisation's default route; the built-in one where it has none, or where that
        names nobody who is asked.
        `beside` says who may be told in somebody's place, `urgent` whether their quiet hours count for nothing.
        """
        asked, at = escalation.asked(), escalation.created_at
        outlets = await self.book.outlets_in(tx, escalation.org_id)
        if not outlets.by_key:
            return None
        built_in = built_in_route(asked.people, push=outlets.push, mail=outlets.mail, sms=outlets.sms)
        if built_in is None and not outlets.rooms:
            return None
        # Where there are rooms alone the question waits in the inbox, as without any channel.
        built_in = built_in or Route(NAME, (), KEEP_WAITING)
        found = await route_for_in(tx, escalation.org_id, name, at)
        own = found is not None
        if found is None:
            found = await resolve_in(tx, escalation.org_id, built_in, at)
        parts = found.parts()
        if own:
            parts["route"] = keyed(found.route, outlets)
        parts["named"] = found.named | {person: person for person in asked.people}
        question = Question(
            escalation_id=escalation.id,
            opened_at=at,
            people=tuple(sorted(asked.asked_at(0))),
            barred=beside.barred,
            may_stand_in=beside.may_stand_in(asked.people),
            urgent=urgent,
            rooms=outlets.rooms,
            tells_rooms_at_once=not own,
            **parts,
        )
        return opened(question, built_in)


async def follow_in(tx: Tx, escalation: Escalation, people: tuple[str, ...], at: int) -> None:
    """One more stage has begun, which asks these people: they are told from now on, by the route of the opening."""
    text = await store.routing(tx, escalation.id)
    if text is not None:
        await store.set_routing(tx, escalation.id, frozen_text(read_frozen(text).followed(people, at)))


def keyed(route: Route, outlets: Outlets) -> Route:
    """The same with the keys of channels for their names."""
    replace = msgspec.structs.replace

    def key(name: str) -> str:
        outlet = outlets.named(name)
        return NOWHERE if outlet is None else outlet.key

    levels = tuple(
        replace(level, steps=tuple(replace(step, channel=key(step.channel)) for step in level.steps))
        for level in route.levels
    )
    return replace(route, levels=levels)


def tells_people(stages: Stages | None) -> bool:
    """Whether somebody is to be reached by a channel, and not by the inbox alone."""
    return stages is not None and any(question.route.levels for question in stages.begun)


def frozen_text(stages: Stages) -> str:
    """What is kept: nobody who edits a route, or joins later, steers a question that is open."""
    return msgspec.json.encode(stages).decode()


def read_frozen(text: str) -> Stages:
    """The same, read again; also as hubs kept it that knew no stages, for questions that were open meanwhile."""
    try:
        return msgspec.json.decode(text, type=Stages)
    except msgspec.ValidationError:
        question = msgspec.json.decode(text, type=Question)
        return Stages((question,), question.route, question.route)
