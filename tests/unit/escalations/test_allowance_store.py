"""What the store counts of how much an agent asks."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub


async def test_the_same_question_again_is_one_card_with_a_counter_and_no_new_message(house: StaffedHub) -> None:
    action = house.bot.action()
    for _ in range(3):
        await house.bot.ask(action)
    page = await house.hub.inbox(house.owner.credential)
    assert [line.escalation.repeats for line in page.lines] == [2]
    assert len(await house.rows("SELECT id FROM outbox WHERE kind = 'escalation.opened'")) == 1


async def test_the_same_idempotency_key_again_is_no_repeat(house: StaffedHub) -> None:
    action = house.bot.action()
    for _ in range(2):
        await house.bot.ask(action, key="k")
    page = await house.hub.inbox(house.owner.credential)
    assert [line.escalation.repeats for line in page.lines] == [0]
