"""Which route a question gets, and what of it is frozen at its opening."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.routing.built_in_route import built_in_route
from approvals_hub.routing.question import Question
from approvals_hub.routing.route import Route


@dataclass(frozen=True, slots=True)
class Routes:
    """Knows the channels of the settings, by what is sent over them."""

    push: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    sms: tuple[str, ...] = ()

    async def route_for_in(self, tx: Tx, escalation: Escalation) -> Route | None:
        """Who is told of this question, and how; None where nobody is told by a channel.

        Every organisation has the built-in route; one of its own would be looked up here.
        """
        return built_in_route(escalation.asked().people, push=self.push, mail=self.mail, sms=self.sms)


def frozen_text(escalation: Escalation, route: Route) -> str:
    """What is kept of the opening: nobody who edits a route, or joins later, steers a question that is open."""
    people = escalation.asked().people
    question = Question(
        escalation_id=escalation.id,
        opened_at=escalation.created_at,
        route=route,
        people=people,
        named={person: person for person in people},
        urgent=escalation.asked().risk == "critical",
    )
    return msgspec.json.encode(question).decode()


def read_frozen(text: str) -> Question:
    """The same, read again."""
    return msgspec.json.decode(text, type=Question)
