"""Following an invitation with the key that one has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, NotFound
from approvals_hub.people.invite import Invitation
from tests.fakes.lost_keys import Lost
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.two_orgs import second_org


async def test_an_invitation_is_read_without_being_spent_and_followed_once(house: StaffedHub) -> None:
    other = await second_org(house)
    ada, token = await house.person("Ada"), await other.invited("Ada", "auditor")
    for _ in range(2):
        seen = await house.hub.orgs.join.look(ada.credential, token)
        assert (seen.org_id, seen.org_name, seen.roles) == (other.org_id, "Second", ("auditor",))
    joining = await other.asks(ada, token)
    assert len(joining.digits) == 6
    for call in (house.hub.orgs.join.look(ada.credential, token), other.asks(ada, token)):
        with pytest.raises(NotFound):
            await call
    # What becomes of it is the person's to see, and nobody else's.
    assert await house.hub.orgs.join.state(ada.credential, joining.joining_id) == "pending"
    with pytest.raises(NotFound):
        await house.hub.orgs.join.state(house.owner.credential, joining.joining_id)
    house.time.now = joining.expires_at
    ada.credential = await ada.sign_in()
    assert await house.hub.orgs.join.state(ada.credential, joining.joining_id) == "ended"
    [accepted] = await house.events("person.accepted")
    assert (accepted["org_id"], accepted["actor_id"]) == (other.org_id, ada.person_id)


async def test_a_stolen_session_joins_nothing(house: StaffedHub) -> None:
    other = await second_org(house)
    ada, token = await house.person("Ada"), await other.invited()
    with pytest.raises(Forbidden) as refused:
        await house.hub.orgs.join(ada.credential, token, None)
    assert code_of(refused.value) == "fresh_factor_needed"
    # Nor with the key of somebody else.
    stolen = replace(await house.owner.fresh(), device_id=house.owner.device_id)
    with pytest.raises(Exception, match="challenge"):
        await house.hub.orgs.join(ada.credential, token, stolen)
    assert (await house.hub.orgs.join.look(ada.credential, token)).org_id == other.org_id


async def test_an_invitation_of_an_address_that_has_an_account_elsewhere_tells_nobody_that_it_exists(
    house: StaffedHub,
) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await house.change("UPDATE people SET email = 'ada@example.com' WHERE id = :id", id=ada.person_id)
    made = [
        await house.hub.invite_person(other.owner.credential, Invitation(name="Ada", email=email))
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert ada.person_id not in {each.person_id for each in made}
    members = {each.email: each for each in await house.hub.list_members(other.owner.credential)}
    known, unknown = members["ada@example.com"], members["nobody@example.com"]
    assert replace(known, person_id="", email="") == replace(unknown, person_id="", email="")


async def test_a_member_joins_no_second_time_and_a_set_up_link_is_followed_by_nobody_with_a_key(
    house: StaffedHub,
) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "approver")
    with pytest.raises(Conflict) as refused:
        await other.asks(ada, await other.invited())
    assert code_of(refused.value) == "already_member"
    token = await other.invited()
    await house.change("UPDATE person_invites SET purpose = 'setup'")
    with pytest.raises(NotFound):
        await other.asks(house.owner, token)


async def test_colleagues_who_replace_somebodys_keys_do_not_get_into_an_organisation_joined_meanwhile(
    lost: Lost,
) -> None:
    other = await second_org(lost.house)
    await lost.house.hub.recover_by_link(lost.house.operator, lost.ada.person_id)
    with pytest.raises(Conflict) as refused:
        await other.asks(lost.ada, await other.invited())
    assert code_of(refused.value) == "recovery_runs"
