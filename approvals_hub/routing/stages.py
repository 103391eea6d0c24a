"""The stages of a question: each asks people of its own, in the way of one route, from its own beginning on. Pure.

Without stages a question is one stage that begins when it opens.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from approvals_hub.routing.question import Facts, Question
from approvals_hub.routing.route import Route
from approvals_hub.routing.timetable import Answer, answer


class Stages(msgspec.Struct, frozen=True):
    """What is frozen when a question opens, and which stages have begun since."""

    begun: tuple[Question, ...]
    """The first one is there from the opening on."""
    route: Route
    """The organisation's own, or the built-in one where it has none."""
    built_in: Route
    """For stages of which the organisation's route names nobody: whoever must answer is told in some way."""

    def people(self) -> tuple[str, ...]:
        """Everybody who was asked so far, each once."""
        return tuple(dict.fromkeys(person for question in self.begun for person in question.people))

    def place_of(self, person: str) -> int:
        """The latest stage that asks this person; the present one for anybody else."""
        asked = (place for place, question in enumerate(self.begun) if person in question.people)
        return max(asked, default=len(self.begun) - 1)

    def followed(self, people: tuple[str, ...], at: int) -> Stages:
        """The same with one more stage, of these people, from `at` on, in milliseconds."""
        first = self.begun[0]
        question = msgspec.structs.replace(
            first,
            # Whoever is told for somebody of an earlier stage is told again for one of this.
            escalation_id=f"{first.escalation_id}/{len(self.begun)}",
            opened_at=at,
            people=people,
        )
        return msgspec.structs.replace(self, begun=(*self.begun, self._steered(question)))

    def _steered(self, question: Question) -> Question:
        route = self.route if can_tell(self.route, question) else self.built_in
        return msgspec.structs.replace(question, route=route)


def opened(question: Question, built_in: Route) -> Stages:
    """The first stage of a question, by the route that it carries; by the built-in one if that names nobody of it."""
    stages = Stages((), question.route, built_in)
    return msgspec.structs.replace(stages, begun=(stages._steered(question),))


def can_tell(route: Route, question: Question) -> bool:
    """Whether this route names somebody who may answer, on whatever shift."""
    named = {question.named[name] for level in route.levels for name in level.people if name in question.named}
    for level in route.levels:
        for group in level.groups:
            named.update(question.groups.get(group, ()))
        for name in level.schedules:
            if name in question.schedules:
                named |= question.schedules[name].people()
    return not named.isdisjoint(question.people)


def answer_of(stages: Stages, facts: Facts, *, shown_to: Collection[str], stays: Collection[str], now: int) -> Answer:
    """What holds at `now`: everything that any stage tells, and how the present one stands.

    Who is not `shown_to` any more and has not answered stopped counting. Once another stage has begun, nobody of the
    earlier ones is told more, but those who `stay`: they may stop the question until its end.
    """
    answers = [
        answer(question, facts_of(stages, place, facts, shown_to, stays), now)
        for place, question in enumerate(stages.begun)
    ]
    present = answers[-1]
    later = [found.next_at for found in answers if found.next_at is not None]
    return msgspec.structs.replace(
        present,
        told=tuple(telling for found in answers for telling in found.told),
        asked={person: chain for found in answers for person, chain in found.asked.items()},
        next_at=None if present.next_at is None else min(later),
    )


def facts_of(stages: Stages, place: int, facts: Facts, shown_to: Collection[str], stays: Collection[str]) -> Facts:
    """What came since, for one stage: with those who count no more in it."""
    question = stages.begun[place]
    # Since when is not remembered. What was told them stays told, as it is written down.
    gone = {
        person: question.opened_at
        for person in question.people
        if person not in shown_to and person not in facts.answered
    }
    if place + 1 < len(stages.begun):
        over = stages.begun[place + 1].opened_at
        gone = {person: over for person in question.people if person not in stays} | gone
    return msgspec.structs.replace(facts, gone=gone)
