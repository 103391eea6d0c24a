"""Which route a question gets, and what is frozen of it."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations.routes import Routes, frozen_text, read_frozen
from approvals_hub.routing.route import Route
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

    async def work(tx: Tx) -> Route | None:
        return await Routes(push=("pager",)).route_for_in(tx, opened)

    route = await house.hub.db.read(work)
    assert route is not None
    question = read_frozen(frozen_text(opened, route))
    assert (question.people, question.route) == ((house.owner.person_id,), route)
