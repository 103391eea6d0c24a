"""Asking from change to change tells exactly what asking at every second tells, and nothing is ever taken back."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.core.clock import SECOND
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.question import Contact, Facts, HandOver, Left, Question, Receipt
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


@st.composite
def levels(draw: st.DrawFn, *, lasts: bool) -> Level:
    """A level in which things happen within seconds."""
    chosen = draw(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True))
    return Level(
        steps=tuple(Step(channel, draw(short), draw(st.sampled_from((ALL, IN_TURN)))) for channel in chosen),
        people=tuple(draw(st.lists(people, min_size=1, max_size=2, unique=True))),
        groups=draw(st.sampled_from((("team",), ()))),
        schedules=draw(st.sampled_from((("shift",), ()))),
        ack_within=draw(st.integers(1, 10)),
        open_within=draw(st.integers(1, 10)),
        repeat=draw(st.one_of(st.none(), st.builds(Repeat, st.integers(1, 15), st.integers(1, 2)))),
        remind=draw(st.one_of(st.none(), st.builds(Remind, st.integers(1, 10), st.integers(1, 2)))),
        next_after=draw(st.integers(1, 40)) if lasts else None,
    )


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """One to three levels and any end."""
    then, count = draw(st.sampled_from(ENDS)), draw(st.integers(1, 3))
    made = [draw(levels(lasts=then != KEEP_WAITING or place < count - 1)) for place in range(count)]
    return Route("any", tuple(made), then)


@st.composite
def contacts(draw: st.DrawFn) -> tuple[Contact, ...]:
    """Up to two addresses a channel for everybody; some come late, some go."""
    made = []
    for person in (*PEOPLE, "eve"):
        for number in range(draw(st.sampled_from((2, 1, 3, 0)))):
            channel = draw(st.sampled_from(CHANNELS))
            since = draw(st.sampled_from((0, 0, 0, at(7), at(31))))
            until = draw(st.sampled_from((None, None, None, at(12), at(40))))
            made.append(Contact(f"{person}:{channel}:{number}", person, channel, since, until))
    return tuple(made)


@st.composite
def quiet_hours(draw: st.DrawFn) -> Hours:
    """Quiet for a minute or so around the opening, which is twenty seconds past 14:13 in UTC."""
    begin = draw(st.sampled_from((14 * 60 + 13, 14 * 60 + 14)))
    return Hours("UTC", (Span(tuple(range(7)), begin, begin + draw(st.integers(1, 2))),))


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


@st.composite
def devices(draw: st.DrawFn) -> dict[str, Device]:
    """How each address reacts to a telling; many do not."""
    names = [f"{person}:{channel}:{n}" for person in (*PEOPLE, "eve") for channel in CHANNELS for n in range(3)]
    kinds: list[Device] = [draw(st.tuples(delays, delays, delays)) for _ in range(4)]
    seed = draw(st.randoms(use_true_random=False))
    return {name: seed.choice([*kinds, (None, None, None), (None, 0, None)]) for name in names}


@settings(max_examples=150, deadline=None)
@given(questions, all_facts, devices())
def test_stepping_from_change_to_change_tells_what_asking_every_second_tells(
    question: Question, facts: Facts, reacting: dict[str, Device]
) -> None:
    seconds, changes = Watch(question, facts, reacting), Watch(question, facts, reacting)
    assert every_second(seconds) == from_change_to_change(changes)
    assert seconds.told == changes.told


@settings(max_examples=150, deadline=None)
@given(questions, all_facts, devices())
def test_what_was_said_while_it_ran_is_what_the_whole_record_says_afterwards(
    question: Question, facts: Facts, reacting: dict[str, Device]
) -> None:
    watch = Watch(question, facts, reacting)
    found = from_change_to_change(watch)
    assert found.end is not None
    assert answer(question, watch.all_facts, found.end.at).told == found.told


@settings(max_examples=150, deadline=None)
@given(questions, all_facts, devices(), st.randoms(use_true_random=False))
def test_neither_the_order_of_receipts_nor_repeats_of_them_nor_a_restart_matter(
    question: Question, facts: Facts, reacting: dict[str, Device], order: object
) -> None:
    watch = Watch(question, facts, reacting)
    from_change_to_change(watch)
    record = watch.all_facts
    shuffled = [*record.receipts, *record.receipts]
    order.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis types its random as an object
    other = msgspec.structs.replace(
        record, receipts=tuple(shuffled), hand_overs=record.hand_overs[::-1], absences=record.absences[::-1]
    )
    stored = msgspec.json.decode(msgspec.json.encode(question), type=Question)
    again = msgspec.json.decode(msgspec.json.encode(other), type=Facts)
    for now in range(START, at(LIFE + 1), 7 * SECOND):
        assert answer(stored, again, now) == answer(question, record, now)


@settings(max_examples=150, deadline=None)
@given(questions, all_facts, devices())
def test_nobody_is_told_who_may_not_answer_and_nobody_after_the_end_or_their_answer(
    question: Question, facts: Facts, reacting: dict[str, Device]
) -> None:
    watch = Watch(question, facts, reacting)
    found = from_change_to_change(watch)
    assert found.end is not None
    for telling in found.told:
        asked = [link.person for link in telling.chain]
        assert asked[0] in question.people
        assert asked[-1] == telling.person
        assert "owner" not in asked or "owner" in question.people
        assert START <= telling.at < found.end.at
        assert telling.at <= facts.answered.get(telling.person, telling.at)
        assert telling.at < facts.gone.get(telling.person, telling.at + 1)
        contact = next(each for each in facts.contacts if each.id == telling.contact)
        assert contact.works(telling.at)
        if not question.urgent and telling.person in question.quiet:
            assert not question.quiet[telling.person].covers(telling.at)
