"""How people answer, in numbers: counted exactly, and shown to those who may see them."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import Invalid
from approvals_hub.decisions.measure import INACTIVE_AFTER, Measure
from approvals_hub.domain.reading import CROWD
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.step_up_actor import refused


async def answers(house: StaffedHub, person: Person, decision: str, seconds: float) -> None:
    """A question that the person has on the screen for so long before they answer."""
    opened = await house.bot.ask()
    statement = await person.statement(opened.escalation.id, decision)
    house.time.now += int(seconds * SECOND)
    await person.send(statement)


async def of(house: StaffedHub, person: Person, days: int = 30) -> Measure:
    """One person's numbers, as the operator reads them."""
    found = await house.hub.read_measures(house.operator, days=days, after=None, limit=50)
    [mine] = [one for one in found if one.person_id == person.person_id]
    return mine


async def test_nobody_who_answered_nothing_has_a_rate_or_a_time(house: StaffedHub) -> None:
    found = await of(house, house.owner)
    assert (found.prompts, found.answered, found.approval_rate, found.median_seconds) == (0, 0, None, None)


async def test_answers_are_counted_with_their_rate_and_their_median_time(house: StaffedHub) -> None:
    for decision, seconds in (("approve", 10), ("approve", 20), ("deny", 40), ("approve", 60)):
        await answers(house, house.owner, decision, seconds)
    found = await of(house, house.owner)
    assert (found.prompts, found.answered, found.approved, found.approval_rate) == (4, 4, 3, 0.75)
    assert found.median_seconds == 30.0  # the mean of 20 and 40
    assert (found.hurried, found.prompts_per_day, found.busiest_day) == (0, 0.13, 4)  # 4 / 30


async def test_an_odd_number_of_answers_has_one_in_the_middle(house: StaffedHub) -> None:
    for seconds in (30, 10, 50):
        await answers(house, house.owner, "deny" if seconds == 10 else "approve", seconds)
    assert (await of(house, house.owner)).median_seconds == 30.0


async def test_whoever_answered_none_of_five_questions_is_inactive_until_they_answer_one(house: StaffedHub) -> None:
    asked = [await house.bot.ask() for _ in range(INACTIVE_AFTER - 1)]
    assert not (await of(house, house.owner)).inactive
    asked.append(await house.bot.ask())
    assert (await of(house, house.owner)).inactive
    await house.owner.answer(asked[-1].escalation.id, "deny")
    found = await of(house, house.owner)
    assert (found.prompts, found.answered, found.inactive) == (INACTIVE_AFTER, 1, False)


@pytest.mark.parametrize(("seconds", "hurried"), [(0.5, 1), (30, 0)])
async def test_an_answer_faster_than_anybody_reads_is_counted_as_hurried(
    house: StaffedHub, seconds: float, hurried: int
) -> None:
    await answers(house, house.owner, "approve", seconds)
    assert (await of(house, house.owner)).hurried == hurried
    [event] = await house.events("decision.recorded")
    assert event["detail"]["hurried"] is bool(hurried)


async def test_more_than_ten_approvals_in_a_minute_are_flagged_however_slowly_each_was_read(house: StaffedHub) -> None:
    questions = [await house.bot.ask() for _ in range(CROWD + 3)]
    waiting = [await house.owner.statement(each.escalation.id, "approve") for each in questions[:-1]]
    waiting.append(await house.owner.statement(questions[-1].escalation.id, "deny"))
    house.time.now += 30 * SECOND
    for statement in waiting:
        await house.owner.send(statement)
    found = await of(house, house.owner)
    assert (found.busiest_minute, found.hurried) == (CROWD + 3, 2)
    flags = [event["detail"]["hurried"] for event in await house.events("decision.recorded")]
    assert flags == [False] * CROWD + [True, True, False], "nobody stops too fast"


async def test_as_many_approvals_over_a_longer_time_are_not_flagged(house: StaffedHub) -> None:
    questions = [await house.bot.ask() for _ in range(CROWD + 2)]
    waiting = [await house.owner.statement(each.escalation.id, "approve") for each in questions]
    house.time.now += 30 * SECOND
    for statement in waiting:
        house.time.now += 6 * SECOND
        await house.owner.send(statement)
    found = await of(house, house.owner)
    assert (found.busiest_minute, found.hurried) == (CROWD, 0)


async def test_looking_again_does_not_make_an_answer_look_hurried(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.statement(opened.escalation.id)
    house.time.now += 60 * SECOND
    await house.owner.answer(opened.escalation.id)
    found = await of(house, house.owner)
    assert (found.median_seconds, found.hurried) == (60.0, 0)


async def test_what_is_older_than_the_days_asked_for_is_left_out(house: StaffedHub) -> None:
    await answers(house, house.owner, "approve", 10)
    house.time.now += 3 * DAY
    assert (await of(house, house.owner, 2)).answered == 0
    assert (await of(house, house.owner, 30)).answered == 1
    assert (await of(house, house.owner, 2)).prompts == 0


async def test_an_approver_reads_their_own_numbers_and_an_auditor_everybodys(house: StaffedHub) -> None:
    ada, auditor = await house.person("Ada"), await house.person("Eve", "auditor")
    mine = await house.hub.read_measures(ada.credential, days=30, after=None, limit=50)
    assert [one.person_id for one in mine] == [ada.person_id]
    all_of_them = await house.hub.read_measures(auditor.credential, days=30, after=None, limit=50)
    assert {one.person_id for one in all_of_them} >= {ada.person_id, house.owner.person_id}


@pytest.mark.parametrize("days", [0, 91])
async def test_a_time_that_is_not_looked_back_is_refused(house: StaffedHub, days: int) -> None:
    attempt = house.hub.read_measures(house.operator, days=days, after=None, limit=50)
    assert (await refused(Invalid, attempt)).code == "days_out_of_range"
