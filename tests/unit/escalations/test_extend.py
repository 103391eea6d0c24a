"""More time: forward alone, within the maximum, for those whose question it is."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from tests.unit.hub_fixture import StaffedHub


async def test_the_agent_gets_more_time_counted_from_now(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 30 * SECOND
    extended = await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 120)
    assert extended.expires_at == house.time.now + 120 * SECOND
    house.time.now += 100 * SECOND
    assert (await house.owner.answer(opened.escalation.id)).status == "approved"


async def test_an_approver_gets_more_time(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    extended = await house.hub.extend.by_person(house.owner.credential, opened.escalation.id, 600)
    assert extended.expires_at == house.time.now + 600 * SECOND
    [event] = await house.events("escalation.extended")
    assert (event["actor_type"], event["actor_id"]) == ("person", house.owner.person_id)


async def test_more_time_changes_neither_state_nor_version(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    extended = await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 120)
    assert (extended.state, extended.version) == ("open", 1)


async def test_inboxes_show_it_until_the_new_end(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 600)
    house.time.now += 5 * MINUTE
    page = await house.hub.inbox(house.owner.credential)
    assert [line.escalation.id for line in page.lines] == [opened.escalation.id]


async def test_what_waits_to_be_sent_about_it_waits_until_the_new_end(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    extended = await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 600)
    [row] = await house.rows("SELECT expires_at FROM outbox WHERE escalation_id = :id", id=opened.escalation.id)
    assert row["expires_at"] == extended.expires_at


async def test_more_time_is_never_less_time(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=600)
    for seconds in (-1, 0, 10, 599):
        with pytest.raises(Invalid):
            await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, seconds)


async def test_an_agent_cannot_stretch_its_question_beyond_the_maximum(house: StaffedHub) -> None:
    await house.require(longest=600)
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 50 * SECOND
    assert await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 550)
    for seconds in (551, 600, 10**12):
        with pytest.raises(Invalid) as refused:
            await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, seconds)
        assert refused.value.field == "$.expires_in"


async def test_a_question_whose_time_is_over_gets_no_more_of_it(house: StaffedHub) -> None:
    opened = await house.bot.ask(expires_in=60)
    house.time.now += 60 * SECOND
    with pytest.raises(Conflict) as refused:
        await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 600)
    assert refused.value.extra["outcome"] == "expired_unseen"
    assert not (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_an_ended_question_gets_no_more_time(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.owner.answer(opened.escalation.id)
    with pytest.raises(Conflict):
        await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 1200)


async def test_another_agents_question_is_not_found(house: StaffedHub) -> None:
    other = await house.agent("other")
    opened = await house.bot.ask()
    with pytest.raises(NotFound):
        await house.hub.extend.by_agent(other.credential(), opened.escalation.id, 1200)


async def test_a_person_who_was_not_asked_gives_no_time(house: StaffedHub) -> None:
    await house.person("Ada")
    opened = await house.bot.ask()
    auditor = await house.person("Cy", "auditor")
    for person in (house.owner, auditor):
        with pytest.raises(NotFound):
            await house.hub.extend.by_person(person.credential, opened.escalation.id, 1200)


async def test_a_paused_agent_gets_no_more_time(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    with pytest.raises(Forbidden):
        await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 1200)


async def test_an_agent_of_a_stopped_organisation_gets_no_more_time(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    await house.change("UPDATE orgs SET stopped_at = 1")
    with pytest.raises(HubError) as refused:
        await house.hub.extend.by_agent(house.bot.credential(), opened.escalation.id, 1200)
    assert refused.value.code == "org_stopped"
