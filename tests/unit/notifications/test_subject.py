"""What a telling is about, when it is sent."""

from __future__ import annotations

from typing import Any

from approvals_hub.db.database import Tx
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.subject import subject_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def of(house: StaffedHub, kind: str) -> Subject | None:
    async def work(tx: Tx) -> Any:
        [row] = await tx.rows("SELECT * FROM tellings WHERE kind = :kind", kind=kind)
        return await subject_in(tx, row)

    found: Subject | None = await house.hub.db.read(work)
    return found


async def test_an_open_question_is_about_its_asker_and_an_ended_one_about_nothing(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    opened = await house.bot.ask()
    await house.hub.reach.settled()
    found = await of(house, "escalation.opened")
    assert found is not None
    assert (found.agent, found.risk, found.escalation_id) == ("bot", "high", opened.escalation.id)
    await house.hub.withdraw(house.bot.credential(), opened.escalation.id)
    assert await of(house, "escalation.opened") is None
    over = await of(house, "escalation.ended")
    assert over is not None
    assert over.decided_by is None
