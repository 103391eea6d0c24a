"""The dated facts about a question."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.escalations import facts_store
from tests.unit.hub_fixture import StaffedHub


async def test_who_answered_and_who_is_shown_it(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.require(approvals=2)
    opened = (await house.bot.ask()).escalation
    await ada.answer(opened.id)

    async def work(tx: Tx) -> None:
        assert await facts_store.answered(tx, opened.id) == {ada.person_id: house.time.now}
        assert bo.person_id in await facts_store.shown_to(tx, opened.id)

    await house.hub.db.read(work)
