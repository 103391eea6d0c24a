"""Carrying out what was decided: when a recovered key counts, and when it never does."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.core.clock import DAY, HOUR, MINUTE
from approvals_hub.core.errors import Conflict, HubError, Unauthenticated
from approvals_hub.db.database import Tx
from approvals_hub.keys.epoch import start_epoch_in
from tests.fakes.lost_keys import Lost, NewPhone
from tests.unit.hub_actors import Person
from tests.unit.two_orgs import second_org


async def asked(lost: Lost) -> NewPhone:
    """Ada follows a link of the owner's and enrols a new key; colleagues are asked."""
    return await lost.by_link(await lost.link())


async def agree(lost: Lost, phone: NewPhone, *people: Person) -> None:
    for person in people:
        assert phone.recovery.escalation_id is not None
        await person.answer(phone.recovery.escalation_id)


async def test_two_colleagues_signatures_and_the_waiting_time_let_the_new_key_in(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    await lost.later(DAY - HOUR)
    assert await lost.state(phone) == "pending"
    await lost.later(HOUR)
    assert (await lost.state(phone), (await lost.recovery(phone)).state) == ("active", "completed")
    assert await Person(lost.house, lost.ada.person_id, phone.device_id, phone.key, phone.credential).sign_in()
    [event] = await lost.house.events("recovery.completed")
    assert (event["actor_id"], event["detail"]["device_id"]) == ("hub", phone.device_id)
    assert lost.ada.person_id in await lost.told("recovery.completed")


async def test_a_single_colleague_who_colludes_lets_nothing_in(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo)
    await lost.later(2 * DAY)
    assert await lost.state(phone) == "pending"


async def test_an_admin_who_makes_the_link_and_follows_it_takes_over_no_key_alone(lost: Lost) -> None:
    phone = await asked(lost)
    assert phone.recovery.escalation_id is not None
    with pytest.raises(HubError) as refused:
        await lost.house.owner.answer(phone.recovery.escalation_id)
    assert refused.value.code == "not_eligible"
    with pytest.raises(Conflict, match="colleagues decide"):
        await lost.house.hub.confirm_device(lost.house.owner.credential, phone.device_id, phone.digits or "")
    await lost.later(3 * DAY)
    assert await lost.state(phone) == "pending"


async def test_waiting_alone_lets_nothing_in_and_in_the_end_the_recovery_expires(lost: Lost) -> None:
    phone = await asked(lost)
    await lost.later(9 * DAY)
    assert (await lost.state(phone), (await lost.recovery(phone)).state) == ("revoked", "ended")


async def test_a_denial_revokes_the_new_key_at_once(lost: Lost) -> None:
    phone = await asked(lost)
    assert phone.recovery.escalation_id is not None
    await lost.bo.answer(phone.recovery.escalation_id, "deny")
    await lost.work()
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "denied")
    assert lost.ada.person_id in await lost.told("recovery.ended")


async def test_not_me_revokes_the_new_key_and_pauses_no_agent(lost: Lost) -> None:
    phone = await asked(lost)
    assert phone.recovery.escalation_id is not None
    await lost.bo.answer(phone.recovery.escalation_id, "not_me")
    await lost.work()
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "not_me")
    assert await lost.house.events("agent.paused") == []


async def test_a_yes_that_becomes_a_no_while_the_key_waits_revokes_it(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    assert phone.recovery.escalation_id is not None
    await lost.cy.answer(phone.recovery.escalation_id, "deny")
    await lost.later(2 * DAY)
    assert await lost.state(phone) == "revoked"


async def test_a_yes_of_somebody_who_is_gone_meanwhile_does_not_count(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    lost.people.remove(lost.cy)
    await lost.house.hub.govern.set_person_state(lost.house.operator, lost.house.org_id, lost.cy.person_id, "disabled")
    await lost.later(2 * DAY)
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "approver_gone")


async def test_a_restart_skips_no_waiting_time(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    async with OpenHub(lost.house.place, lost.house.time.clock) as again:
        await again.carry_out()
        assert await lost.state(phone) == "pending"
        lost.house.time.now += DAY
        await again.carry_out()
    assert await lost.state(phone) == "active"


async def test_what_a_crash_left_between_the_decision_and_its_carrying_out_is_done_by_the_next_process(
    lost: Lost,
) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    lost.house.time.now += 2 * DAY
    async with OpenHub(lost.house.place, lost.house.time.clock) as again:
        await again.carry_out()
    assert await lost.state(phone) == "active"


async def test_two_processes_at_once_carry_out_once(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    lost.house.time.now += 2 * DAY
    await asyncio.gather(*(lost.house.hub.carry_out() for _ in range(4)))
    await lost.house.hub.carry_out()
    assert len(await lost.house.events("recovery.completed")) == 1
    assert await lost.state(phone) == "active"


async def test_enrolling_twice_begins_the_waiting_time_anew(lost: Lost) -> None:
    first = await lost.by_code((await lost.codes())[0])
    lost.house.time.now += 20 * MINUTE
    second = await lost.enrol(first.credential)
    lost.house.time.now += DAY - 20 * MINUTE
    await lost.work()
    assert [await lost.state(first), await lost.state(second)] == ["revoked", "pending"]
    lost.house.time.now += 20 * MINUTE
    await lost.work()
    assert [await lost.state(first), await lost.state(second)] == ["revoked", "active"]


async def test_colleagues_who_said_yes_to_one_key_let_no_other_in(lost: Lost) -> None:
    phone = await asked(lost)
    with pytest.raises(Conflict) as refused:
        await lost.enrol(phone.credential)
    assert refused.value.code == "recovery_over"
    await agree(lost, phone, lost.bo, lost.cy)
    await lost.later(DAY)
    assert await lost.state(phone) == "active"


async def test_a_cancelled_recovery_is_not_completed_later(lost: Lost) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    await lost.house.hub.end_recovery(lost.ada.credential, phone.recovery.id)
    await lost.later(3 * DAY)
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "cancelled")
    [row] = await lost.house.rows("SELECT token_state FROM escalations WHERE id = :id", id=phone.recovery.escalation_id)
    assert row["token_state"] == "revoked"


async def test_a_disabled_person_gets_no_key_by_waiting_nor_after_being_enabled(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    lost.people.remove(lost.ada)
    govern = lost.house.hub.govern
    await govern.set_person_state(lost.house.operator, lost.house.org_id, lost.ada.person_id, "disabled")
    await govern.set_person_state(lost.house.operator, lost.house.org_id, lost.ada.person_id, "active")
    await lost.later(2 * DAY)
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "key_revoked")
    with pytest.raises(Unauthenticated):
        await Person(lost.house, lost.ada.person_id, phone.device_id, phone.key, phone.credential).sign_in()


async def test_the_person_turns_the_new_key_down_by_revoking_it(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])
    await lost.house.hub.revoke_device(lost.ada.credential, phone.device_id)
    await lost.work()
    assert (await lost.recovery(phone)).cause == "key_revoked"


async def test_a_restored_copy_completes_nothing_of_before(lost: Lost) -> None:
    phone = await lost.by_code((await lost.codes())[0])

    async def restored(tx: Tx) -> None:
        await start_epoch_in(tx, lost.house.time.now)

    await lost.house.hub.db.run(restored)
    lost.house.time.now += 2 * DAY
    async with OpenHub(lost.house.place, lost.house.time.clock) as again:
        await again.carry_out()
    assert (await lost.state(phone), (await lost.recovery(phone)).cause) == ("revoked", "restored_copy")


async def test_a_link_that_nobody_follows_expires_after_a_day(lost: Lost) -> None:
    await lost.link()
    lost.house.time.now += DAY
    await lost.work()
    [recovery] = await lost.house.hub.list_recoveries.of_org(lost.house.operator)
    assert (recovery.state, recovery.cause) == ("ended", "expired")


async def test_a_key_that_colleagues_agreed_to_gets_nobody_into_an_organisation_that_its_person_is_in_by_then(
    lost: Lost,
) -> None:
    phone = await asked(lost)
    await agree(lost, phone, lost.bo, lost.cy)
    other = await second_org(lost.house)
    await lost.house.change(
        "INSERT INTO memberships (org_id, person_id, roles, created_at) VALUES (:org, :ada, 'admin', 1)",
        org=other.org_id,
        ada=lost.ada.person_id,
    )
    await lost.later(DAY)
    recovery = await lost.recovery(phone)
    assert (await lost.state(phone), recovery.state, recovery.cause) == ("revoked", "ended", "several_organisations")
