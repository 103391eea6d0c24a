"""The rows of wrong numbers."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations import number_store as store
from tests.unit.hub_fixture import StaffedHub


async def test_a_burnt_nonce_is_known_and_counted_for_its_person_and_question_alone(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[int | bool]:
        await store.burn(tx, b"n" * 16, org_id=house.org_id, escalation_id="esc_1", person_id="per_1", at=1)
        return [
            await store.burnt(tx, b"n" * 16),
            await store.burnt(tx, b"m" * 16),
            await store.wrong(tx, escalation_id="esc_1", person_id="per_1"),
            await store.wrong(tx, escalation_id="esc_1", person_id="per_2"),
            await store.wrong(tx, escalation_id="esc_2", person_id="per_1"),
        ]

    assert await house.hub.db.run(work) == [True, False, 1, 0, 0]


async def test_the_end_of_a_question_takes_its_rows_away(house: StaffedHub) -> None:
    async def work(tx: Tx) -> int:
        await store.burn(tx, b"n" * 16, org_id=house.org_id, escalation_id="esc_1", person_id="per_1", at=1)
        await store.forget(tx, "esc_1")
        return await store.wrong(tx, escalation_id="esc_1", person_id="per_1")

    assert await house.hub.db.run(work) == 0
