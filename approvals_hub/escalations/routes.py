"""Which route a question gets, and what of it is frozen at its opening."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.routing.built_in_route import built_in_route
from approvals_hub.routing.question import Question
from approvals_hub.routing.resolve import resolve_in, route_for_in
from approvals_hub.routing.stages import Stages, opened


@dataclass(frozen=True, slots=True)
class Routes:
    """Knows the channels of the settings, by what is sent over them."""

    push: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    sms: tuple[str, ...] = ()

    async def stages_in(self, tx: Tx, escalation: Escalation, beside: Beside) -> Stages | None:
        """Who is told of this question, and how, from its opening on; None where nobody is told by a channel.

        The organisation's default route; the built-in one where it has none, or where that names nobody who is asked.
        `beside` says who may be told in somebody's place.
        """
        asked, at = escalation.asked(), escalation.created_at
        built_in = built_in_route(asked.people, push=self.push, mail=self.mail, sms=self.sms)
        if built_in is None:
            return None
        found = await route_for_in(tx, escalation.org_id, None, at)
        if found is None:
            found = await resolve_in(tx, escalation.org_id, built_in, at)
        parts = found.parts()
        parts["named"] = found.named | {person: person for person in asked.people}
        question = Question(
            escalation_id=escalation.id,
            opened_at=at,
            people=tuple(sorted(asked.asked_at(0))),
            barred=beside.barred,
            may_stand_in=tuple(sorted({*asked.people, *beside.others})),
            urgent=asked.risk == "critical",
            **parts,
        )
        return opened(question, built_in)


async def follow_in(tx: Tx, escalation: Escalation, people: tuple[str, ...], at: int) -> None:
    """One more stage has begun, which asks these people: they are told from now on, by the route of the opening."""
    text = await store.routing(tx, escalation.id)
    if text is not None:
        await store.set_routing(tx, escalation.id, frozen_text(read_frozen(text).followed(people, at)))


def frozen_text(stages: Stages) -> str:
    """What is kept: nobody who edits a route, or joins later, steers a question that is open."""
    return msgspec.json.encode(stages).decode()


def read_frozen(text: str) -> Stages:
    """The same, read again."""
    return msgspec.json.decode(text, type=Stages)
