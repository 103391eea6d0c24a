"""Which route a question gets, and what is frozen of it."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.routes import NOWHERE, Routes, frozen_text, read_frozen
from approvals_hub.routing.question import Question
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager


async def test_without_a_channel_nobody_is_told_and_the_question_is_in_the_inbox(house: StaffedHub) -> None:
    opened = (await house.bot.ask()).escalation
    assert opened.delivery == "inbox"
    assert await house.rows("SELECT 1 AS one FROM escalations WHERE routing IS NOT NULL") == []


async def test_what_is_frozen_is_read_again(paged: tuple[StaffedHub, Pager]) -> None:
    house, _ = paged
    opened = (await house.bot.ask()).escalation
    assert opened.delivery == "trying"
    question = await frozen(house, opened)
    assert question is not None
    assert read_frozen(frozen_text(question)) == question
    assert question.people == (house.owner.person_id,)
    assert [step.channel for level in question.route.levels for step in level.steps] == ["pager"]


async def test_the_default_route_of_the_organisation_is_taken_with_the_channels_that_it_names(
    paged: tuple[StaffedHub, Pager],
) -> None:
    house, _ = paged
    level = f"  - people: [{house.owner.person_id}]\n    channels: [pager, fax]\n"
    text = f"route: ladder\nlevels:\n{level}then: keep_waiting\n"
    await house.hub.keep_plans.put(house.operator, "route", "ladder", text)
    await house.hub.set_default_route(house.operator, "ladder")
    question = await frozen(house, (await house.bot.ask()).escalation)
    assert question is not None
    assert question.route.name == "ladder"
    assert [step.channel for level in question.route.levels for step in level.steps] == ["pager", NOWHERE]
    assert not question.tells_rooms_at_once


async def frozen(house: StaffedHub, escalation: Escalation) -> Question | None:
    async def work(tx: Tx) -> Question | None:
        return await Routes(house.hub.push_addresses.book).frozen_in(tx, escalation)

    return await house.hub.db.read(work)
