"""Which route a question gets, and what of it is frozen at its opening."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.notifications.address_book import AddressBook
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.routing.built_in_route import NAME, built_in_route
from approvals_hub.routing.question import Question
from approvals_hub.routing.resolve import route_for_in
from approvals_hub.routing.route import KEEP_WAITING, Route

NOWHERE = "-"
"""Stands in a frozen route for a channel that was not there at the opening: nobody has an address on it."""


@dataclass(frozen=True, slots=True)
class Routes:
    """Knows the channels of the settings and of organisations, as they stand when a question opens."""

    book: AddressBook

    async def frozen_in(self, tx: Tx, escalation: Escalation) -> Question | None:
        """Who is told of this question, and how; None where nobody is told by a channel.

        The organisation's default route where it has one, else the built-in route, which tells everybody who may
        answer on all channels. Nobody who edits a route, or joins later, steers a question that is open.
        """
        outlets = await self.book.outlets_in(tx, escalation.org_id)
        people = escalation.asked().people
        urgent = escalation.asked().risk == "critical"
        resolved = await route_for_in(tx, escalation.org_id, None, escalation.created_at) if outlets.by_key else None
        if resolved is not None:
            parts = {**resolved.parts(), "route": keyed(resolved.route, outlets)}
            return Question(
                escalation_id=escalation.id,
                opened_at=escalation.created_at,
                people=people,
                urgent=urgent,
                rooms=outlets.rooms,
                **parts,
            )
        route = built_in_route(people, push=outlets.push, mail=outlets.mail, sms=outlets.sms)
        if route is None and not outlets.rooms:
            return None
        return Question(
            escalation_id=escalation.id,
            opened_at=escalation.created_at,
            # Where there are rooms alone the question waits in the inbox, as without any channel.
            route=Route(NAME, (), KEEP_WAITING) if route is None else route,
            people=people,
            named={person: person for person in people},
            urgent=urgent,
            rooms=outlets.rooms,
            tells_rooms_at_once=True,
        )


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


def tells_people(question: Question | None) -> bool:
    """Whether somebody is to be reached by a channel, and not by the inbox alone."""
    return question is not None and bool(question.route.levels)


def frozen_text(question: Question) -> str:
    """What is kept of the opening."""
    return msgspec.json.encode(question).decode()


def read_frozen(text: str) -> Question:
    """The same, read again."""
    return msgspec.json.decode(text, type=Question)
