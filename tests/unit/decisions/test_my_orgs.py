"""What waits for somebody in each of their organisations, and who is not told of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.two_orgs import second_org, session_by_provider


async def test_what_one_has_not_answered_is_named_for_each_organisation_the_soonest_first(house: StaffedHub) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    late = (await other.house.bot.ask(expires_in=900)).escalation
    soon = (await other.house.bot.ask(expires_in=60)).escalation
    here, there = await house.hub.orgs.mine(ada.credential)
    assert (here.org_id, here.current, here.waiting, here.next_expiry) == (house.org_id, True, (), None)
    assert (there.name, there.roles, there.current) == ("Second", ("approver",), False)
    assert (there.waiting, there.next_expiry) == ((soon.id, late.id), soon.expires_at)
    visiting = await other.visited_by(ada)
    await visiting.answer(soon.id, "deny")
    _, there = await house.hub.orgs.mine(visiting.credential)
    assert (there.current, there.waiting) == (True, (late.id,))


async def test_a_session_that_an_organisations_own_provider_opened_learns_nothing_of_another_one(
    house: StaffedHub,
) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    await other.house.bot.ask()
    there = await other.visited_by(replace(ada, credential=await ada.sign_in()))
    planted, _ = await session_by_provider(house, ada)
    assert [each.org_id for each in await house.hub.orgs.mine(planted.credential)] == [house.org_id]

    # Nor of what is open there, nor does it end it.
    listed = {each.session_id for each in await house.hub.list_sessions(planted.credential)}
    session = await house.hub.current_session(there.credential)
    assert session.session_id not in listed
    with pytest.raises(NotFound):
        await house.hub.end_session(planted.credential, session.session_id)
    await house.hub.end_session.others(planted.credential)
    assert (await house.hub.current_session(there.credential)).session_id == session.session_id
    assert session.session_id in {each.session_id for each in await house.hub.list_sessions(there.credential)}
