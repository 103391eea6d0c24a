"""A break-glass ends: early, or by its time."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Forbidden, NotFound
from tests.fakes.lost_keys import Lost, NewPhone
from tests.unit.hub_actors import Person


async def opened(lost: Lost) -> tuple[NewPhone, str, Person]:
    """One that two people have opened, for a key that colleagues have not signed for yet."""
    admin = await lost.house.person("Dee", "admin")
    phone = await lost.by_link(await lost.link())
    owner, opening = lost.house.owner, lost.house.hub.open_break_glass
    asked = await opening(owner.credential, phone.recovery.id, reason="payroll", life=HOUR, fresh=await owner.fresh())
    await opening.join(admin.credential, asked.id, await admin.fresh())
    return phone, asked.id, admin


async def test_an_admin_ends_it_early_and_the_key_waits_again(lost: Lost) -> None:
    phone, glass_id, admin = await opened(lost)
    ended = await lost.house.hub.end_break_glass(admin.credential, glass_id)
    assert (ended.state, ended.cause, (await lost.recovery(phone)).hurried_until) == ("ended", "cancelled", None)
    assert phone.recovery.escalation_id is not None
    for person in (lost.bo, lost.cy):
        await person.answer(phone.recovery.escalation_id)
    await lost.work()
    assert await lost.state(phone) == "pending"


async def test_ending_it_again_is_the_same_answer(lost: Lost) -> None:
    _, glass_id, admin = await opened(lost)
    both = [await lost.house.hub.end_break_glass(admin.credential, glass_id) for _ in range(2)]
    assert both[0] == both[1]
    assert len(await lost.house.events("break_glass.ended")) == 1


async def test_its_time_ends_it_and_that_is_recorded(lost: Lost) -> None:
    await opened(lost)
    lost.house.time.now += HOUR
    assert await lost.house.hub.end_break_glass.overdue() == 1
    [event] = await lost.house.events("break_glass.ended")
    assert (event["decision"], event["actor_type"]) == ("expired", "hub")


async def test_an_approver_ends_none_and_an_unknown_one_is_not_found(lost: Lost) -> None:
    _, glass_id, admin = await opened(lost)
    with pytest.raises(Forbidden):
        await lost.house.hub.end_break_glass(lost.bo.credential, glass_id)
    with pytest.raises(NotFound):
        await lost.house.hub.end_break_glass(admin.credential, "brk_unknown")
