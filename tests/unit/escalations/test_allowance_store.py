"""What the store counts of how much an agent asks."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations import allowance_store
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


async def test_buckets_stand_in_one_order_whatever_the_order_in_which_they_were_made_and_taken_from(
    house: StaffedHub,
) -> None:
    ids = [f"agent:{house.bot.agent_id}", "pair:someone", "person:someone"]

    async def made(tx: Tx) -> None:
        for id_ in reversed(ids):
            kind = id_.split(":")[0]
            await tx.execute(
                "INSERT INTO allowances (id, org_id, kind, full_at) VALUES (:id, :org, :kind, 1)",
                id=id_,
                org=house.org_id,
                kind=kind,
            )

    await house.hub.db.run(made)
    found = await house.hub.db.read(lambda tx: allowance_store.standing(tx, ids))
    assert [row["id"] for row in found] == ids
