"""What a telling is about, when it is sent."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.notifications.compose import Subject
from approvals_hub.notifications.subject import subject_in
from approvals_hub.people.acting import OperatorCredential
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def of(house: StaffedHub, kind: str, shown: Any = None) -> Subject | None:
    async def work(tx: Tx) -> Any:
        [row] = await tx.rows("SELECT * FROM tellings WHERE kind = :kind", kind=kind)
        return await subject_in(tx, row, shown or house.hub.reach.dispatch.open_telling.shown)

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


class Broken:
    """What lies beside a question does not open."""

    async def fields_in(self, tx: Tx, org_id: str, escalation_id: str) -> Any:
        raise SealBroken("cut")


async def test_what_is_asked_is_read_only_where_some_of_it_may_be_said_and_what_does_not_open_stops_nobody(
    paged: Paged,
) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    await house.bot.ask()
    await house.hub.reach.settled()
    least = await of(house, "escalation.opened", Broken())
    assert least is not None
    assert least.summary is None
    operator = OperatorCredential(house.org_id)
    await house.hub.set_disclosure(operator, {"mail": "summary"})
    found = await of(house, "escalation.opened")
    assert found is not None
    assert found.summary is not None
    assert found.says.mail == "summary"
    broken = await of(house, "escalation.opened", Broken())
    assert broken is not None
    assert broken.summary is None


async def test_what_waits_for_who_is_told_is_counted_without_what_they_answered_or_others_are_asked(
    paged: Paged,
) -> None:
    house, _ = paged
    await registered(house, "to-the-owner")
    ada = await house.person("Ada")
    await house.change(
        "UPDATE orgs SET requirement = :it", it=Requirement(approvals=2, owner_counts=True).text().decode()
    )
    first, *_ = [await house.bot.ask() for _ in range(3)]
    await house.hub.reach.settled()

    async def waiting() -> set[int | None]:
        rows = await house.rows("SELECT * FROM tellings WHERE kind = 'escalation.opened'")
        shown = house.hub.reach.dispatch.open_telling.shown

        async def work(tx: Tx) -> list[Any]:
            return [await subject_in(tx, row, shown) for row in rows]

        return {each.waiting for each in await house.hub.db.read(work) if each is not None}

    assert await waiting() == {3}
    await ada.answer(first.escalation.id)
    assert await waiting() == {3}
    await house.owner.answer(first.escalation.id)
    assert await waiting() == {2}
