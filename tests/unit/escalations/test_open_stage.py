"""A stage begins once, and its people are asked and told."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.open_stage import open_stage_in
from approvals_hub.notifications import store as outbox
from tests.unit.hub_fixture import Person, StaffedHub


@pytest.fixture
async def staged(house: StaffedHub) -> tuple[Escalation, Person]:
    """A question whose second stage is one admin, and that admin."""
    await house.person("Ada")
    admin = await house.person("Bo", "admin")
    stages: Any = [{"of": ["role:approver"]}, {"of": ["role:admin"]}]
    await house.hub.set_requirement(house.operator, {"quorum": {"stages": stages}, "veto": ["role:owner"]})
    return (await house.bot.ask()).escalation, admin


async def begin(house: StaffedHub, escalation: Escalation) -> None:
    async def work(tx: Tx) -> None:
        await open_stage_in(tx, house.hub.decide.recorder, escalation, 1, house.time.now)

    await house.hub.db.run(work)


async def test_those_whose_stage_it_is_find_it_in_their_inbox_and_are_to_be_told(
    house: StaffedHub, staged: tuple[Escalation, Person]
) -> None:
    escalation, admin = staged
    assert (await house.hub.inbox(admin.credential)).lines == []
    with house.hub.bus.subscribe(f"inbox:{admin.person_id}") as ear:
        await begin(house, escalation)
        assert await ear.wait(10)
    assert [line.escalation.id for line in (await house.hub.inbox(admin.credential)).lines] == [escalation.id]
    rows = await house.hub.db.read(lambda tx: outbox.of_escalation(tx, escalation.id))
    assert [row["kind"] for row in rows] == ["escalation.opened"] * 2


async def test_a_stage_begins_once(house: StaffedHub, staged: tuple[Escalation, Person]) -> None:
    for _ in range(2):
        await begin(house, staged[0])
    [event] = await house.events("escalation.stage_opened")
    assert (event["actor_type"], event["detail"]) == ("hub", {"stage": 1, "asked": 1})


async def test_a_question_that_has_ended_asks_nobody_more(house: StaffedHub, staged: tuple[Escalation, Person]) -> None:
    escalation, admin = staged
    await house.hub.withdraw(house.bot.credential(), escalation.id)
    await begin(house, escalation)
    assert (await house.hub.inbox(admin.credential)).lines == []
    assert await house.events("escalation.stage_opened") == []


async def test_a_later_stage_makes_the_agent_see_more_people_who_may_answer(
    house: StaffedHub, staged: tuple[Escalation, Person]
) -> None:
    escalation, _ = staged
    before = len(escalation.asked().asked_at(escalation.stage))
    await begin(house, escalation)
    after = (await house.bot.standing(escalation.id)).escalation
    assert (before, len(after.asked().asked_at(after.stage))) == (1, 2)
