"""Stopping is at once and without ceremony; starting again asks for a fresh factor."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Unauthenticated
from approvals_hub.people.session import PersonCredential
from tests.unit.hub_fixture import Person, StaffedHub


async def set_agent(house: StaffedHub, state: str, by: Person | None = None, fresh: object = None) -> str:
    who = house.operator if by is None else by.credential
    record = await house.hub.govern.set_agent_state(who, house.org_id, house.bot.agent_id, state, fresh)
    return record.state


async def set_person(house: StaffedHub, person: Person, state: str, by: PersonCredential | None = None) -> None:
    await house.hub.govern.set_person_state(by or house.operator, house.org_id, person.person_id, state)


async def test_a_paused_agents_open_questions_end_and_its_tokens_are_void(house: StaffedHub) -> None:
    token, opened = await house.bot.approved(), await house.bot.ask()
    assert await set_agent(house, "paused") == "paused"
    escalation = (await house.bot.standing(opened.escalation.id)).escalation
    assert (escalation.state, escalation.ended_by, escalation.cause) == ("withdrawn", "hub", "agent_paused")
    with pytest.raises(Conflict):
        await token.redeem()


async def test_resuming_brings_nothing_back_that_ended(house: StaffedHub) -> None:
    token, opened = await house.bot.approved(), await house.bot.ask()
    await set_agent(house, "paused")
    await set_agent(house, "active")
    assert not (await house.bot.standing(opened.escalation.id)).escalation.open
    with pytest.raises(Conflict):
        await token.redeem()
    assert (await house.bot.ask()).escalation.open


async def test_a_stolen_session_cannot_resume_an_agent(house: StaffedHub) -> None:
    await set_agent(house, "paused", by=house.owner)
    with pytest.raises(Forbidden) as refused:
        await set_agent(house, "active", by=house.owner)
    assert refused.value.code == "fresh_factor_needed"
    with pytest.raises(Forbidden):
        await house.bot.ask()


async def test_an_owner_resumes_an_agent_with_a_fresh_factor(house: StaffedHub) -> None:
    await set_agent(house, "paused", by=house.owner)
    assert await set_agent(house, "active", by=house.owner, fresh=await house.owner.fresh()) == "active"


async def test_a_fresh_factor_counts_once(house: StaffedHub) -> None:
    fresh = await house.owner.fresh()
    await set_agent(house, "paused", by=house.owner)
    await set_agent(house, "active", by=house.owner, fresh=fresh)
    await set_agent(house, "paused", by=house.owner)
    with pytest.raises(Unauthenticated):
        await set_agent(house, "active", by=house.owner, fresh=fresh)


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_nobody_but_owners_and_admins_governs(house: StaffedHub, role: str) -> None:
    member = await house.person("Ada", role)
    for attempt in (
        set_agent(house, "paused", by=member),
        house.hub.govern.stop(member.credential, house.org_id),
        house.hub.govern.resume(member.credential, house.org_id),
        set_person(house, house.owner, "disabled", member.credential),
    ):
        with pytest.raises(Forbidden) as refused:
            await attempt
        assert refused.value.code == "role_missing"


async def test_a_revoked_agent_stays_revoked(house: StaffedHub) -> None:
    assert await set_agent(house, "revoked") == "revoked"
    for state in ("active", "paused"):
        with pytest.raises(Conflict) as refused:
            await set_agent(house, state)
        assert refused.value.code == "agent_revoked"
    assert await set_agent(house, "revoked") == "revoked"


async def test_the_state_an_agent_has_already_is_no_error_and_no_second_record(house: StaffedHub) -> None:
    await set_agent(house, "paused")
    await set_agent(house, "paused")
    assert len(await house.events("agent.paused")) == 1


async def test_an_agent_of_another_organisation_is_not_found(house: StaffedHub) -> None:
    await house.change("UPDATE agents SET org_id = 'org_other' WHERE id = :id", id=house.bot.agent_id)
    with pytest.raises(NotFound):
        await set_agent(house, "paused")


async def test_another_organisations_admin_is_told_there_is_no_such_organisation(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.govern.stop(house.owner.credential, "org_other")


@pytest.mark.parametrize("state", ["", "Paused", "deleted"])
async def test_a_state_nobody_knows_is_refused(house: StaffedHub, state: str) -> None:
    with pytest.raises(Invalid):
        await set_agent(house, state)
    with pytest.raises(Invalid):
        await set_person(house, house.owner, state)


async def test_a_stop_denies_all_that_waits_and_voids_every_token(house: StaffedHub) -> None:
    other = await house.agent("other")
    token = await other.approved()
    for bot in (house.bot, other, other):
        await bot.ask()
    assert await house.hub.govern.stop(house.owner.credential, house.org_id) == 3
    rows = await house.rows("SELECT state, ended_by, cause FROM escalations WHERE state <> 'approved'")
    assert {tuple(row) for row in rows} == {("denied", house.owner.person_id, "org_stopped")}
    with pytest.raises(Conflict):
        await token.redeem()


async def test_a_stop_is_recorded_with_who_stopped(house: StaffedHub) -> None:
    await house.bot.approved()
    await house.bot.ask()
    await house.hub.govern.stop(house.owner.credential, house.org_id)
    for kind in ("org.stopped", "escalation.ended", "token.revoked"):
        event = (await house.events(kind))[-1]
        assert (event["actor_type"], event["actor_id"]) == ("person", house.owner.person_id), kind


async def test_a_token_of_before_the_stop_is_void_after_the_resumption_too(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.govern.stop(house.operator, house.org_id)
    await house.hub.govern.resume(house.operator, house.org_id)
    with pytest.raises(Conflict) as refused:
        await token.redeem()
    assert refused.value.extra["cause"] == "org_stopped"


async def test_no_approval_given_during_a_stop_is_worth_anything_after_it(house: StaffedHub) -> None:
    opened = [await house.bot.ask() for _ in range(8)]
    statements = [await house.owner.statement(one.escalation.id) for one in opened]

    async def approve(statement: dict[str, object]) -> None:
        try:
            await house.owner.send(statement)
        except Conflict:
            return

    stop = house.hub.govern.stop(house.operator, house.org_id)
    await asyncio.gather(*map(approve, statements[:4]), stop, *map(approve, statements[4:]))
    await house.hub.govern.resume(house.operator, house.org_id)
    assert await house.rows("SELECT id FROM escalations WHERE state = 'open' OR token_state = 'ready'") == []


async def test_stopping_twice_is_no_error_and_one_record(house: StaffedHub) -> None:
    await house.hub.govern.stop(house.operator, house.org_id)
    assert await house.hub.govern.stop(house.operator, house.org_id) == 0
    assert len(await house.events("org.stopped")) == 1


async def test_a_stolen_session_cannot_resume_the_organisation(house: StaffedHub) -> None:
    await house.hub.govern.stop(house.owner.credential, house.org_id)
    with pytest.raises(Forbidden):
        await house.hub.govern.resume(house.owner.credential, house.org_id)
    with pytest.raises(HubError):
        await house.bot.ask()
    await house.hub.govern.resume(house.owner.credential, house.org_id, await house.owner.fresh())
    assert (await house.bot.ask()).escalation.open


async def test_a_disabled_persons_sessions_devices_inbox_and_agents_end_at_once(house: StaffedHub) -> None:
    ada, _ = await house.person("Ada", "admin"), await house.person("Bo", "admin")
    hers = await house.agent("hers", owner_id=ada.person_id)
    opened = await house.bot.ask()
    theirs = await hers.ask()
    await set_person(house, ada, "disabled")
    with pytest.raises(Unauthenticated):
        await house.hub.inbox(ada.credential)
    assert (await house.hub.agent_keys.signed(hers.key_id)) is not None
    assert (await hers.standing(theirs.escalation.id)).escalation.cause == "agent_paused"
    assert (await house.bot.standing(opened.escalation.id)).escalation.open
    rows = await house.rows("SELECT 1 FROM inbox WHERE person_id = :id", id=ada.person_id)
    assert rows == []
    devices = await house.rows("SELECT state FROM devices WHERE person_id = :id", id=ada.person_id)
    assert [row["state"] for row in devices] == ["revoked"]


async def test_enabling_brings_neither_session_nor_device_nor_vote_back(house: StaffedHub) -> None:
    await house.require(approvals=2)
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = await house.bot.ask()
    await ada.answer(opened.escalation.id)
    await set_person(house, ada, "disabled")
    await set_person(house, ada, "active")
    with pytest.raises(Unauthenticated):
        await house.hub.inbox(ada.credential)
    assert (await bo.answer(opened.escalation.id)).status == "open"


async def test_an_inbox_that_is_open_hears_that_its_person_is_enabled_again(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await set_person(house, ada, "disabled")
    with house.hub.bus.subscribe(f"inbox:{ada.person_id}") as subscription:
        await set_person(house, ada, "active")
        assert await subscription.wait(5)


async def test_a_question_that_ends_while_its_person_is_enabled_leaves_no_line_behind(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = [(await house.bot.ask()).escalation.id for _ in range(5)]
    await set_person(house, ada, "disabled")
    withdrawals = [house.hub.withdraw(house.bot.credential(), one) for one in opened]
    await asyncio.gather(*withdrawals[:3], set_person(house, ada, "active"), *withdrawals[3:])
    assert await house.rows("SELECT 1 FROM inbox") == []


async def test_an_admin_cannot_disable_an_owner(house: StaffedHub) -> None:
    admin = await house.person("Ada", "admin")
    with pytest.raises(NotFound):
        await set_person(house, house.owner, "disabled", admin.credential)


async def test_the_last_owner_cannot_be_disabled(house: StaffedHub) -> None:
    with pytest.raises(Conflict) as refused:
        await set_person(house, house.owner, "disabled")
    assert refused.value.code == "last_owner"


async def test_two_owners_who_disable_each_other_at_once_leave_one(house: StaffedHub) -> None:
    other = await house.person("Ada", "owner")

    async def disable(victim: Person, by: Person) -> None:
        try:
            await set_person(house, victim, "disabled", by.credential)
        except HubError:
            return

    await asyncio.gather(disable(house.owner, other), disable(other, house.owner))
    rows = await house.rows(
        "SELECT p.id FROM people p JOIN memberships m ON m.person_id = p.id"
        " WHERE p.state = 'active' AND m.roles = 'owner' AND m.disabled_at IS NULL"
    )
    assert len(rows) == 1


async def test_somebody_who_is_no_member_is_not_found(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.govern.set_person_state(house.operator, house.org_id, "per_unknown", "disabled")
