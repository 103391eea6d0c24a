"""Going on in another organisation: another session, as strong and as long as the one before, which is dead."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, Unauthenticated
from approvals_hub.people.session import ABSOLUTE_LIMIT
from tests.unit.hub_fixture import HERE, StaffedHub, code_of
from tests.unit.two_orgs import second_org, session_by_provider


async def test_a_session_that_was_planted_is_dead_in_both_organisations_once_its_person_went_on(
    house: StaffedHub,
) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "auditor")
    began = await house.hub.current_session(ada.credential)
    house.time.now += 3_600_000
    there = await house.hub.current_session((await other.visited_by(ada)).credential)
    assert (there.org_id, there.roles, there.acr) == (other.org_id, frozenset({"auditor"}), began.acr)
    # It proves nothing anew, and does not last longer for going to and fro.
    assert (there.authenticated_at, there.expires_at) == (began.authenticated_at, began.created_at + ABSOLUTE_LIMIT)
    with pytest.raises(Unauthenticated):
        await house.hub.current_session(ada.credential)


async def test_a_session_that_no_key_opened_leads_into_no_other_organisation(house: StaffedHub) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    planted, opened = await session_by_provider(house, ada)
    with pytest.raises(Forbidden) as refused:
        await house.hub.orgs.switch(planted.credential, other.org_id, HERE)
    assert code_of(refused.value) == "key_needed"
    assert (await house.hub.current_session(planted.credential)).session_id == opened.session_id


async def test_nobody_goes_where_they_are_not_or_are_already(house: StaffedHub) -> None:
    other = await second_org(house)
    for org_id, code in ((other.org_id, "no_organisation"), ("org_nowhere", "no_organisation")):
        with pytest.raises(Forbidden) as refused:
            await house.hub.orgs.switch(house.owner.credential, org_id, HERE)
        assert code_of(refused.value) == code
    with pytest.raises(Conflict):
        await house.hub.orgs.switch(house.owner.credential, house.org_id, HERE)
    # A member who was disabled there is not in it.
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    await house.hub.govern.set_person_state(other.owner.credential, other.org_id, ada.person_id, "disabled")
    with pytest.raises(Forbidden):
        await house.hub.orgs.switch(ada.credential, other.org_id, HERE)
