"""Whoever stands in for somebody who is asked. How it counts: tests/unit/escalations/test_spend_allowance.py."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.escalations.delegates import delegates_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import away


async def test_a_delegate_is_named_once_and_neither_who_is_asked_anyway_nor_who_may_not_stand_in(
    house: StaffedHub,
) -> None:
    ada, bo, cy, dee = [await house.person(name) for name in ("Ada", "Bo", "Cy", "Dee")]
    for one, delegate in ((ada, dee), (bo, dee), (cy, ada)):
        await away(house, one, delegate)
    asked = [one.person_id for one in (ada, bo, cy)]

    async def named(beside: Beside) -> tuple[str, ...]:
        async def work(tx: Tx) -> tuple[str, ...]:
            return await delegates_in(tx, house.org_id, asked, beside, house.time.now)

        return await house.hub.db.read(work)

    assert await named(Beside(others=(dee.person_id,))) == (dee.person_id,)
    assert await named(Beside(others=(dee.person_id,), barred=(dee.person_id,))) == ()
    assert await named(Beside()) == ()
