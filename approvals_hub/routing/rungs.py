"""The levels of a question that begin, one after the other, and what is handed over within them.

A level is followed by the next one when its time is over, or as soon as it is used up: nothing of it is under way, as
every way to everybody has been tried in vain, they have answered, or nobody can be told at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.climb import Awake, Climb, Span
from approvals_hub.routing.hand_over import accepted
from approvals_hub.routing.question import Facts, HandOver, Question
from approvals_hub.routing.receipts import NEVER, Receipts
from approvals_hub.routing.route import KEEP_WAITING
from approvals_hub.routing.stints import Stint, of_hand_over, of_level


class Rung(msgspec.Struct, frozen=True):
    """A level, or a hand-over within one, from its begin on. A later rung that tells somebody takes over from the
    earlier ones: nobody is reminded twice as often because two levels name them."""

    level: int
    """The level's number, from 1; a hand-over tells in the way of the level in which it came."""
    since: int
    key: tuple[str, ...]
    """What tells its tellings from those of every other rung."""
    opened_after: float
    """From when on opening the question counts: to whom it is handed over, it is new."""
    stints: tuple[Stint, ...]
    climbs: tuple[Climb, ...] = ()


class Ascent(msgspec.Struct, frozen=True):
    """What a question does by itself up to an instant, and each thing that may be the next one after it."""

    rungs: tuple[Rung, ...]
    """Those that have begun."""
    starts: tuple[int, ...]
    """When each level begins, up to the first one after the instant."""
    end_at: int
    """When it ends, if nothing else happens before: its time is over, or its route has ended."""


def ascent(question: Question, facts: Facts, receipts: Receipts, now: int) -> Ascent:
    """The rungs of a question with their climbs up to `now` and to what comes next, as far as the facts say.

    Whatever lies behind the next change is left out: the hub asks again then, and most of it will have changed.
    """
    climber = _Climber(question, facts, receipts, now)
    rungs: list[Rung] = []
    starts: list[int] = []
    start, end_at = question.opened_at, facts.expires_at
    for number, level in enumerate(question.route.levels, 1):
        if start >= facts.expires_at:
            break
        starts.append(start)
        if start > now:
            break
        begun = climber.begun(number, start)
        following = NEVER if level.next_after is None else start + level.next_after * SECOND
        if number < len(question.route.levels):
            following = min(following, _used_up(climber.climbed(begun), start))
        # The last level is not cut short by being used up: an end that denies or expires comes at a time that somebody
        # wrote, not in the second in which a push service is down.
        elif question.route.then != KEEP_WAITING:
            end_at = int(min(end_at, following))
        rungs += [begun[0], *(rung for rung in begun[1:] if rung.since < following)]
        start = int(min(following, facts.expires_at))
    return Ascent(climber.climbed(rungs), tuple(starts), end_at)


class _Climber:
    """Makes rungs and their climbs for one question."""

    def __init__(self, question: Question, facts: Facts, receipts: Receipts, now: int) -> None:
        self._question = question
        self._facts = facts
        self._receipts = receipts
        self._now = now
        self._moves = accepted(question, facts)
        self._moved = {move.person: move.at for move in self._moves}

    def begun(self, number: int, start: int) -> list[Rung]:
        """The level, and behind it what is handed over from its begin on."""
        question, facts = self._question, self._facts
        level = question.route.levels[number - 1]
        stints = of_level(question, facts, level, start, facts.expires_at, self._moved)
        moves = [move for move in self._moves if start <= move.at < facts.expires_at]
        return [
            Rung(number, start, (question.escalation_id, f"level {number}"), -NEVER, stints),
            *(Rung(number, move.at, self._key(move), move.at, self._handed(move)) for move in moves),
        ]

    def climbed(self, rungs: Sequence[Rung]) -> tuple[Rung, ...]:
        """The rungs with their climbs; the latest first, as each takes over from those before it."""
        taken: dict[str, int] = {}
        done: list[Rung] = []
        in_order = sorted(rungs, key=lambda rung: rung.since)
        # Of two that begin together the one written later is the later one: sorting backwards would turn them round.
        for rung in in_order[::-1]:
            climbs = [self._climb(rung, self._until(stint, taken)) for stint in rung.stints]
            for climb in climbs:
                first = min((telling.at for telling in climb.tellings), default=self._facts.expires_at)
                person = climb.stint.person
                taken[person] = min(first, taken.get(person, first))
            done.append(msgspec.structs.replace(rung, climbs=tuple(climbs)))
        return tuple(reversed(done))

    def _key(self, move: HandOver) -> tuple[str, ...]:
        return (self._question.escalation_id, "hand-over", move.person)

    def _handed(self, move: HandOver) -> tuple[Stint, ...]:
        return of_hand_over(self._question, self._facts, move, self._facts.expires_at, self._moved)

    def _until(self, stint: Stint, taken: dict[str, int]) -> Stint:
        # One millisecond on: what is due at the very instant of the other telling may have been told already.
        until = min(stint.until, taken.get(stint.person, stint.until) + 1)
        return msgspec.structs.replace(stint, until=until)

    def _climb(self, rung: Rung, stint: Stint) -> Climb:
        level = self._question.route.levels[rung.level - 1]
        return Climb(
            key=rung.key,
            level=level,
            number=rung.level,
            stint=stint,
            receipts=self._receipts,
            awake=self._awake(stint.person),
            now=self._now,
            opened_after=rung.opened_after,
        ).run()

    def _awake(self, person: str) -> Awake:
        """When a person may be told: outside their quiet hours, unless the question is urgent."""
        quiet = None if self._question.urgent else self._question.quiet.get(person)

        def awake(at: float) -> float:
            if quiet is None or at == NEVER:
                return at
            end = quiet.end_of(int(at))
            return NEVER if end is None else end

        return awake


def _used_up(rungs: Sequence[Rung], start: int) -> float:
    """The first instant, from a level's begin on, at which nothing of it is under way."""
    spans: list[Span] = sorted(span for rung in rungs for climb in rung.climbs for span in climb.spans)
    moment: float = start
    for begin, end in spans:
        if begin > moment:
            break
        moment = max(moment, end)
    return moment
