"""Receipts hold the reason of their person, and the names of those in whose places each answer was given."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import away

WHY = "The table was copied to the archive yesterday."


async def test_each_receipt_of_a_history_says_its_own_reason_and_for_whom_it_was(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.set_requirement(house.operator, {"approvals": 2})
    first = (await house.bot.ask()).escalation.id
    await bo.answer(first, reason=WHY)
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id]}})
    await away(house, ada, bo)
    second = (await house.bot.ask()).escalation.id
    given = await bo.answer(second, reason="Ada said so before she left.")
    listed = await house.hub.inbox.history(bo.credential, before=None, limit=5)
    assert [(each.escalation_id, each.reason, [one.name for one in each.stands_in]) for each in listed] == [
        (second, "Ada said so before she left.", ["Ada"]),
        (first, WHY, []),
    ]
    mine = await house.hub.inbox.mine(bo.credential, second)
    assert mine is not None
    assert mine.stands_in == given.stands_in == listed[0].stands_in
    assert mine.reason == given.reason == listed[0].reason
