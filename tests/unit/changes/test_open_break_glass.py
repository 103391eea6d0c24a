"""Opening a break-glass: two people, a reason, an hour at most."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY, HOUR, MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.fakes.lost_keys import Lost, NewPhone
from tests.unit.hub_actors import Person

WHY = "payroll runs at noon and only Ada may approve it"


async def waiting(lost: Lost) -> tuple[NewPhone, Person]:
    """Ada's new key waits, colleagues have signed for it; and there is an admin beside the owner."""
    admin = await lost.house.person("Dee", "admin")
    lost.people.append(admin)
    phone = await lost.by_link(await lost.link())
    assert phone.recovery.escalation_id is not None
    for person in (lost.bo, lost.cy):
        await person.answer(phone.recovery.escalation_id)
    return phone, admin


async def ask(lost: Lost, phone: NewPhone, by: Person, life: int = HOUR) -> str:
    asked = await lost.house.hub.open_break_glass(
        by.credential, phone.recovery.id, reason=WHY, life=life, fresh=await by.fresh()
    )
    return asked.id


async def join(lost: Lost, glass_id: str, by: Person) -> None:
    await lost.house.hub.open_break_glass.join(by.credential, glass_id, await by.fresh())


async def test_two_people_cut_the_waiting_time_of_an_approved_key_short(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    await join(lost, await ask(lost, phone, lost.house.owner), admin)
    await lost.work()
    assert await lost.state(phone) == "active"
    [used] = await lost.house.events("break_glass.used")
    assert used["detail"]["asked_by"] == lost.house.owner.person_id
    assert used["detail"]["joined_by"] == admin.person_id


async def test_one_person_alone_changes_nothing(lost: Lost) -> None:
    phone, _ = await waiting(lost)
    await ask(lost, phone, lost.house.owner)
    await lost.work()
    assert await lost.state(phone) == "pending"


async def test_one_person_with_two_sessions_and_two_devices_is_one_person(lost: Lost) -> None:
    phone, _ = await waiting(lost)
    glass_id = await ask(lost, phone, lost.house.owner)
    second = await lost.house.owner.further_device()
    second.credential = await second.sign_in()
    with pytest.raises(Forbidden) as refused:
        await join(lost, glass_id, second)
    await lost.work()
    assert (refused.value.code, await lost.state(phone)) == ("same_person", "pending")
    [event] = await lost.house.events("break_glass.refused")
    assert event["decision"] == "same_person"


async def test_it_lets_no_key_in_that_colleagues_have_not_signed_for(lost: Lost) -> None:
    admin = await lost.house.person("Dee", "admin")
    phone = await lost.by_link(await lost.link())
    await join(lost, await ask(lost, phone, lost.house.owner), admin)
    await lost.work()
    assert await lost.state(phone) == "pending"


async def test_a_key_that_a_code_brought_is_not_hurried(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    with pytest.raises(Conflict) as refused:
        await ask(lost, phone, lost.house.owner)
    assert refused.value.code == "nothing_to_hurry"


async def test_all_owners_and_admins_and_the_person_are_told_at_once(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    glass_id = await ask(lost, phone, lost.house.owner)
    everybody = {lost.house.owner.person_id, admin.person_id, lost.ada.person_id}
    assert set(await lost.told("break_glass.asked")) == everybody
    await join(lost, glass_id, admin)
    assert set(await lost.told("break_glass.opened")) == everybody


async def test_after_its_time_the_key_waits_again(lost: Lost) -> None:
    admin = await lost.house.person("Dee", "admin")
    phone = await lost.by_link(await lost.link())
    await join(lost, await ask(lost, phone, lost.house.owner, 5 * MINUTE), admin)
    lost.house.time.now += 5 * MINUTE
    assert phone.recovery.escalation_id is not None
    for person in (lost.bo, lost.cy):
        await person.answer(phone.recovery.escalation_id)
    await lost.work()
    assert await lost.state(phone) == "pending"
    await lost.later(DAY)
    assert await lost.state(phone) == "active"
    assert await lost.house.events("break_glass.used") == []


async def test_a_late_second_word_is_refused(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    glass_id = await ask(lost, phone, lost.house.owner)
    lost.house.time.now += HOUR
    with pytest.raises(Conflict) as refused:
        await join(lost, glass_id, admin)
    assert refused.value.code == "break_glass_over"


@pytest.mark.parametrize(("reason", "life"), [("", HOUR), ("a\nb", HOUR), (WHY, HOUR + 1), (WHY, MINUTE)])
async def test_it_takes_a_plain_reason_and_lasts_an_hour_at_most(lost: Lost, reason: str, life: int) -> None:
    owner = lost.house.owner
    with pytest.raises(Invalid):
        await lost.house.hub.open_break_glass(owner.credential, "rec_1", reason=reason, life=life, fresh=None)


async def test_neither_an_approver_nor_a_session_alone_opens_one(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    with pytest.raises(Forbidden) as refused:
        await ask(lost, phone, lost.bo)
    assert refused.value.code == "role_missing"
    opening = lost.house.hub.open_break_glass
    with pytest.raises(Forbidden) as refused:
        await opening(admin.credential, phone.recovery.id, reason=WHY, life=HOUR, fresh=None)
    assert refused.value.code == "fresh_factor_needed"


async def test_a_second_one_for_the_same_recovery_and_an_unknown_one_are_refused(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    await ask(lost, phone, lost.house.owner)
    with pytest.raises(Conflict) as refused:
        await ask(lost, phone, admin)
    assert refused.value.code == "break_glass_asked"
    with pytest.raises(NotFound):
        await join(lost, "brk_unknown", admin)


async def test_the_reason_is_read_by_those_who_govern_and_lies_sealed(lost: Lost) -> None:
    phone, admin = await waiting(lost)
    await ask(lost, phone, lost.house.owner)
    [(glass, reason)] = await lost.house.hub.open_break_glass.listed(admin.credential)
    assert (glass.state, reason) == ("asked", WHY)
    [row] = await lost.house.rows("SELECT reason FROM break_glass")
    assert b"payroll" not in bytes(row["reason"])
    with pytest.raises(Forbidden):
        await lost.house.hub.open_break_glass.listed(lost.bo.credential)


async def test_the_person_whose_key_it_is_has_no_word_in_it(lost: Lost) -> None:
    phone, _ = await waiting(lost)
    await lost.house.change("UPDATE memberships SET roles = 'admin' WHERE person_id = :id", id=lost.ada.person_id)
    with pytest.raises(Forbidden) as refused:
        await ask(lost, phone, lost.ada)
    glass_id = await ask(lost, phone, lost.house.owner)
    with pytest.raises(Forbidden) as second:
        await join(lost, glass_id, lost.ada)
    assert (refused.value.code, second.value.code) == ("own_recovery", "own_recovery")
