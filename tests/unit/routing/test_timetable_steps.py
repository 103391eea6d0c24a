"""Asking from change to change tells exactly what asking at every second tells, and nothing is ever taken back."""

from __future__ import annotations

from datetime import date
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.question import Contact, Facts, HandOver, Left, Question, Receipt, Telling
from approvals_hub.routing.route import ALL, ENDS, IN_TURN, KEEP_WAITING, Level, Remind, Repeat, Route, Step
from approvals_hub.routing.schedule import Layer, Override, Rotation, Schedule
from approvals_hub.routing.timetable import answer
from tests.unit.routing.scenes import PEOPLE, START, at
from tests.unit.routing.world import Device, Watch, every_second, from_change_to_change

LIFE = 70
"""Seconds: short enough to ask at each."""
CHANNELS = ("push", "sms", "mail")

instants = st.integers(0, LIFE + 5).map(at)
people = st.sampled_from((*PEOPLE, "eve", "owner"))
delays = st.one_of(st.none(), st.integers(0, 25))
short = st.integers(0, 12)
# Made once: what is made at each draw is looked through anew each time, which costs more than drawing from it.
waits = st.integers(1, 10)
ways = st.sampled_from((ALL, IN_TURN))
chosen_channels = st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True)
chosen_people = st.lists(people, min_size=1, max_size=2, unique=True).map(tuple)
chosen_groups = st.sampled_from((("team",), ()))
chosen_schedules = st.sampled_from((("shift",), ()))
repeats = st.one_of(st.none(), st.builds(Repeat, st.integers(1, 15), st.integers(1, 2)))
reminders = st.one_of(st.none(), st.builds(Remind, waits, st.integers(1, 2)))
lasting = st.integers(1, 40)
ends = st.sampled_from(ENDS)
counts = st.integers(1, 3)


def level(draw: st.DrawFn, *, lasts: bool) -> Level:
    """A level in which things happen within seconds."""
    return Level(
        steps=tuple(Step(channel, draw(short), draw(ways)) for channel in draw(chosen_channels)),
        people=draw(chosen_people),
        groups=draw(chosen_groups),
        schedules=draw(chosen_schedules),
        ack_within=draw(waits),
        open_within=draw(waits),
        repeat=draw(repeats),
        remind=draw(reminders),
        next_after=draw(lasting) if lasts else None,
    )


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """One to three levels and any end."""
    then, count = draw(ends), draw(counts)
    made = [level(draw, lasts=then != KEEP_WAITING or place < count - 1) for place in range(count)]
    return Route("any", tuple(made), then)


numbers = st.sampled_from((2, 1, 3, 0))
channels = st.sampled_from(CHANNELS)
beginnings = st.sampled_from((0, 0, 0, at(7), at(31)))
endings = st.sampled_from((None, None, None, at(12), at(40)))


@st.composite
def contacts(draw: st.DrawFn) -> tuple[Contact, ...]:
    """Up to two addresses a channel for everybody; some come late, some go."""
    made = []
    for person in (*PEOPLE, "eve"):
        for number in range(draw(numbers)):
            channel, since, until = draw(channels), draw(beginnings), draw(endings)
            made.append(Contact(f"{person}:{channel}:{number}", person, channel, since, until))
    return tuple(made)


quiet_begins = st.sampled_from((14 * 60 + 13, 14 * 60 + 14))
quiet_lengths = st.integers(1, 2)


@st.composite
def quiet_hours(draw: st.DrawFn) -> Hours:
    """Quiet for a minute or so around the opening, which is twenty seconds past 14:13 in UTC."""
    begin = draw(quiet_begins)
    return Hours("UTC", (Span(tuple(range(7)), begin, begin + draw(quiet_lengths)),))


questions = st.builds(
    Question,
    escalation_id=st.just("esc_1"),
    opened_at=st.just(START),
    route=routes(),
    people=st.lists(st.sampled_from(PEOPLE), min_size=2, unique=True).map(tuple),
    named=st.just({person: person for person in (*PEOPLE, "eve", "owner")}),
    groups=st.just({"team": ("cy", "di", "eve")}),
    schedules=st.just(
        {"shift": Schedule("shift", "UTC", (Layer(Rotation(("bo", "ada", "eve"), date(2026, 9, 21), 14, 1)),))}
    ),
    barred=st.just(("owner",)),
    may_stand_in=st.just((*PEOPLE, "eve", "owner")),
    quiet=st.dictionaries(people, quiet_hours(), max_size=2),
    urgent=st.booleans(),
)
absences = st.builds(
    lambda person, since, length, delegate, recorded: Absence(
        person, at(since), at(since + length), delegate, recorded
    ),
    st.sampled_from((*PEOPLE, "eve")),
    st.integers(-20, 30),
    st.integers(10, 80),
    st.sampled_from(("eve", *PEOPLE, "owner", None)),
    st.sampled_from((0, at(0), at(9), at(23))),
)
overrides = st.builds(
    lambda person, since, length, recorded: Override(person, at(since), at(since + length), at(recorded)),
    people,
    st.integers(-10, LIFE),
    st.integers(1, 40),
    st.integers(0, LIFE),
)
seen = st.builds(lambda person, when: Receipt(person, "opened", when), people, instants)
all_facts = st.builds(
    Facts,
    expires_at=st.just(at(LIFE)),
    contacts=contacts(),
    receipts=st.lists(seen, max_size=1).map(tuple),
    answered=st.dictionaries(people, instants, max_size=2),
    gone=st.dictionaries(people, instants, max_size=1),
    left=st.lists(st.builds(Left, st.just("team"), people, instants), max_size=1).map(tuple),
    absences=st.lists(absences, max_size=3).map(tuple),
    hand_overs=st.lists(st.builds(HandOver, people, people, instants), max_size=3).map(tuple),
    overrides=st.lists(overrides, max_size=2).map(lambda found: {"shift": tuple(found)}),
)


reactions = st.tuples(delays, delays, delays)
seeds = st.randoms(use_true_random=False)


@st.composite
def devices(draw: st.DrawFn) -> dict[str, Device]:
    """How each address reacts to a telling; many do not."""
    names = [f"{person}:{channel}:{n}" for person in (*PEOPLE, "eve") for channel in CHANNELS for n in range(3)]
    kinds: list[Device] = [draw(reactions) for _ in range(4)]
    seed = draw(seeds)
    return {name: seed.choice([*kinds, (None, None, None), (None, 0, None)]) for name in names}


@settings(max_examples=200, deadline=None)
@given(questions, all_facts, devices(), seeds)
def test_stepping_from_change_to_change_tells_what_asking_every_second_and_the_whole_record_tell(
    question: Question, facts: Facts, reacting: dict[str, Device], order: Random
) -> None:
    # One story serves all that must hold of it: making one up takes longer than looking at it.
    seconds, watch = Watch(question, facts, reacting), Watch(question, facts, reacting)
    found = from_change_to_change(watch)
    assert every_second(seconds) == found
    assert seconds.told == watch.told
    assert found.end is not None
    assert answer(question, watch.all_facts, found.end.at).told == found.told
    _neither_the_order_of_receipts_nor_repeats_of_them_nor_a_restart_matter(question, watch.all_facts, order)
    for telling in found.told:
        _nobody_is_told_who_may_not_answer_and_nobody_after_the_end_or_their_answer(
            question, facts, telling, found.end.at
        )


def _neither_the_order_of_receipts_nor_repeats_of_them_nor_a_restart_matter(
    question: Question, record: Facts, order: Random
) -> None:
    shuffled = [*record.receipts, *record.receipts]
    order.shuffle(shuffled)
    other = msgspec.structs.replace(
        record, receipts=tuple(shuffled), hand_overs=record.hand_overs[::-1], absences=record.absences[::-1]
    )
    stored = msgspec.json.decode(msgspec.json.encode(question), type=Question)
    again = msgspec.json.decode(msgspec.json.encode(other), type=Facts)
    for now in range(START, at(LIFE + 1), 7 * SECOND):
        assert answer(stored, again, now) == answer(question, record, now)


def _nobody_is_told_who_may_not_answer_and_nobody_after_the_end_or_their_answer(
    question: Question, facts: Facts, telling: Telling, end: int
) -> None:
    asked = [link.person for link in telling.chain]
    assert asked[0] in question.people
    assert asked[-1] == telling.person
    assert "owner" not in asked or "owner" in question.people
    assert START <= telling.at < end
    assert telling.at <= facts.answered.get(telling.person, telling.at)
    assert telling.at < facts.gone.get(telling.person, telling.at + 1)
    contact = next(each for each in facts.contacts if each.id == telling.contact)
    assert contact.works(telling.at)
    if not question.urgent and telling.person in question.quiet:
        assert not question.quiet[telling.person].covers(telling.at)
