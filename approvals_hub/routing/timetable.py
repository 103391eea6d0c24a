"""Who is told now, by what, when anything changes next, whether anybody can be reached, and how it ends.

`answer` is a pure function of what was frozen, the dated facts and the instant: no process has to remember anything. It
works out the whole timetable from the opening on, so a hub that was down for an hour tells at once what was due in that
hour. Each telling has an id that is the same whenever it is worked out; whoever stores tellings by that id tells each
of them once. The rules behind it are in docs/decisions/0021.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from approvals_hub.domain.outcome import DENIED, UNDELIVERABLE, expired
from approvals_hub.routing.absence import Chain
from approvals_hub.routing.question import OPENED, Facts, Question, Telling
from approvals_hub.routing.receipts import NEVER, Receipts
from approvals_hub.routing.route import DENY
from approvals_hub.routing.rungs import ascent

REACHED: Final = "reached"
TRYING: Final = "trying"
UNREACHABLE: Final = "unreachable"

ROUTE_ENDED: Final = "route_ended"
TIME_OVER: Final = "time_over"


class End(msgspec.Struct, frozen=True):
    """How the question ends by itself: at `at`, with this outcome, as its route ended or its time was over."""

    at: int
    outcome: str
    cause: str


class Answer(msgspec.Struct, frozen=True):
    """What holds at one instant."""

    told: tuple[Telling, ...]
    """Every telling that is due by now, oldest first. None of them is ever taken back by asking later."""
    asked: dict[str, Chain]
    """Who is being asked now, and through whom."""
    level: int
    """The highest level that has begun, from 1."""
    reach: str
    """`reached`: the question arrived at somebody who may still answer. `trying`: it is on its way, or about to be.
    `unreachable`: all that could be tried by now has failed, or nobody can be told now."""
    next_at: int | None
    """The next instant at which any of this changes, if no further fact comes; None where it has ended."""
    end: End | None
    """Once it has ended by itself."""


def answer(question: Question, facts: Facts, now: int) -> Answer:
    """What holds at `now`, in milliseconds, not before the opening."""
    timetable = _Timetable(question, facts, now)
    ended = now >= timetable.end_at
    return Answer(
        told=timetable.told(now),
        asked={} if ended else timetable.asked(now),
        level=timetable.level(now),
        reach=timetable.reach(now),
        next_at=None if ended else timetable.next_change(now),
        end=timetable.end() if ended else None,
    )


class _Timetable:
    """What happens to a question by itself up to an instant, and next, as far as the facts say."""

    def __init__(self, question: Question, facts: Facts, now: int) -> None:
        self._question = question
        self._facts = facts
        self._receipts = Receipts(facts)
        rise = ascent(question, facts, self._receipts, now)
        climbs = [climb for rung in rise.rungs for climb in rung.climbs]
        self.end_at = rise.end_at
        self._starts = rise.starts
        self._stints = [climb.stint for climb in climbs if climb.stint.since < climb.stint.until]
        self._spans = [span for climb in climbs for span in climb.spans]
        self._tellings = sorted(
            (telling for climb in climbs for telling in climb.tellings if telling.at < self.end_at),
            key=lambda telling: (telling.at, telling.level, telling.id),
        )

    def told(self, now: int) -> tuple[Telling, ...]:
        return tuple(telling for telling in self._tellings if telling.at <= now)

    def asked(self, now: int) -> dict[str, Chain]:
        return {
            stint.person: stint.chain
            for stint in self._stints
            if stint.since <= now < stint.until and self._receipts.answered(stint.person) > now
        }

    def level(self, now: int) -> int:
        return sum(start <= now and start < self.end_at for start in self._starts)

    def reach(self, now: int) -> str:
        """Of people who may still answer, or have. After the end it is what it was before it."""
        now = min(now, self.end_at - 1)
        told = [telling for telling in self.told(now) if self._counts(telling.person, now)]
        people = {*self._question.people, *(telling.person for telling in told)}
        if any(self._met(person, now) for person in people):
            return REACHED
        if any(self._receipts.delivered(telling) <= now for telling in told):
            return REACHED
        under_way = any(begin <= now < end for begin, end in self._spans)
        return TRYING if under_way or self._sent(now) else UNREACHABLE

    def next_change(self, now: int) -> int:
        """The first instant after `now` at which another answer would be given."""
        present = self._shown(now)
        later = (moment for moment in sorted(set(self._moments())) if now < moment < self.end_at)
        return next((moment for moment in later if self._shown(moment) != present), self.end_at)

    def end(self) -> End:
        """The route's end, or that of the question's time. Silence is never a yes."""
        by_route = self.end_at < self._facts.expires_at
        if by_route and self._question.route.then == DENY:
            return End(self.end_at, DENIED, ROUTE_ENDED)
        return End(self.end_at, self._expired(), ROUTE_ENDED if by_route else TIME_OVER)

    def _sent(self, now: int) -> bool:
        """Whether something that was told is not known to have failed."""
        told = [telling for telling in self.told(now) if self._counts(telling.person, now)]
        return any(self._receipts.failed(telling) > now for telling in told)

    def _met(self, person: str, now: int) -> bool:
        seen = min(self._receipts.opened(person), self._receipts.answered(person))
        return seen <= now and self._counts(person, now)

    def _counts(self, person: str, now: int) -> bool:
        return self._facts.gone.get(person, NEVER) > now

    def _moments(self) -> Iterator[int]:
        """Every instant at which something may change by itself."""
        yield from self._starts
        yield from (telling.at for telling in self._tellings)
        yield from (int(border) for span in self._spans for border in span if border != NEVER)
        yield from (border for stint in self._stints for border in (stint.since, stint.until))
        yield from (contact.until for contact in self._facts.contacts if contact.until is not None)
        yield from self._facts.gone.values()

    def _shown(self, now: int) -> tuple[object, ...]:
        return len(self.told(now)), self.level(now), self.reach(now), self.asked(now)

    def _expired(self) -> str:
        """Seen, unseen, or at nobody's device at all: the asker is told these apart."""
        opened = [each.at for each in self._facts.receipts if each.kind == OPENED and each.at < self.end_at]
        last = self.end_at - 1
        if not opened and self.reach(last) != REACHED and not self._sent(last):
            return UNDELIVERABLE
        return expired(min(opened, default=None))
