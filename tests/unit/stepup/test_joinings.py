"""Comparing six digits with somebody who has a key already."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound
from approvals_hub.people.invite import Invitation
from approvals_hub.stepup.join_org import WAITS
from tests.fakes.lost_keys import Lost
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.routing.plans import ladder
from tests.unit.two_orgs import second_org


async def test_whoever_joins_takes_the_place_of_the_person_that_the_invitation_made_up(house: StaffedHub) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    invitation = Invitation(name="Ada L", roles=frozenset({"developer"}))
    invited = await house.hub.invite_person(other.owner.credential, invitation)
    bot = await other.house.agent("hers", owner_id=invited.person_id)
    joining = await other.asks(ada, invited.token)
    [waiting] = await house.hub.orgs.joinings.pending(other.owner.credential)
    assert (waiting.joining_id, waiting.person_name, waiting.invited_name) == (joining.joining_id, "Ada", "Ada L")
    for _ in range(2):  # twice is no error
        assert await other.confirms(joining) == ada.person_id
    assert await house.hub.orgs.joinings.pending(other.owner.credential) == []
    members = {each.person_id: each.roles for each in await house.hub.list_members(other.owner.credential)}
    assert members == {other.owner.person_id: ("owner",), ada.person_id: ("developer",)}
    # Whoever answers for an agent does not approve what it asks, also by another name.
    rows = await house.rows("SELECT owner_id FROM agents WHERE id = :id", id=bot.agent_id)
    assert [row["owner_id"] for row in rows] == [ada.person_id]
    assert [each["detail"]["person_id"] for each in await house.events("person.joined")][-1] == ada.person_id


async def test_what_named_the_person_that_the_invitation_made_up_means_who_joined_in_their_place(
    house: StaffedHub,
) -> None:
    other, ada = await second_org(house), await house.person("Ada")
    there = other.house
    invited = await house.hub.invite_person(there.operator, Invitation(name="Ada L", roles=frozenset({"approver"})))
    await ladder(there, invited.person_id)
    await house.hub.set_requirement(there.operator, {"quorum": {"of": [invited.person_id]}})
    joining = await other.asks(ada, invited.token)
    await other.confirms(joining)
    for kind, name in (("group", "ops"), ("schedule", "nights")):
        shown = await house.hub.read_plans.one(there.operator, kind, name)
        assert (invited.person_id in shown.plan.text, shown.missing) == (True, [])
        assert [each.person_id for each in shown.people] == ([ada.person_id] if kind == "group" else [])
    duty = await house.hub.on_call(there.operator, "nights", house.time.now)
    assert duty.person_id == ada.person_id
    asked = await house.hub.escalate(there.bot.credential(), there.bot.asking())
    [row] = await house.rows("SELECT person_id FROM inbox WHERE escalation_id = :id", id=asked.escalation.id)
    assert row["person_id"] == ada.person_id
    joined = {"person_id": ada.person_id, "invited_as": invited.person_id}
    assert joined in [each["detail"] for each in await house.events("person.joined")]


async def test_nobody_lets_themselves_in_and_nobody_without_the_right_lets_anybody_in(house: StaffedHub) -> None:
    other = await second_org(house)
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    await other.lets_in(ada, "approver")
    joining = await other.asks(bo, await other.invited())
    visiting = await other.visited_by(ada)
    for credential, code in ((visiting.credential, "role_missing"), (house.owner.credential, "joining_unknown")):
        with pytest.raises(HubError) as refused:
            await house.hub.orgs.joinings.confirm(credential, joining.joining_id, joining.digits)
        assert code_of(refused.value) == code
    await other.confirms(joining)
    # An admin who comes back by a link of before is let in by somebody else.
    third = await house.person("Cy")
    await other.lets_in(third, "admin")
    there = await other.visited_by(third)
    await house.change(
        "UPDATE joinings SET state = 'pending', digits = '111111' WHERE person_id = :p", p=third.person_id
    )
    [own] = await house.rows("SELECT id FROM joinings WHERE person_id = :p", p=third.person_id)
    with pytest.raises(Forbidden) as refused:
        await house.hub.orgs.joinings.confirm(there.credential, own["id"], "111111")
    assert code_of(refused.value) == "own_joining"


async def test_a_stolen_session_lets_in_nobody_who_follows_its_own_invitation(house: StaffedHub) -> None:
    other, ada = await second_org(house), await house.person("Ada")
    joining = await other.asks(ada, await other.invited("Ada", "owner"))
    codes = []
    for fresh in (None, await ada.fresh()):
        with pytest.raises(HubError) as refused:
            await house.hub.orgs.joinings.confirm(other.owner.credential, joining.joining_id, joining.digits, fresh)
        codes.append(code_of(refused.value))
    assert codes == ["fresh_factor_needed", "challenge_invalid"]
    assert ada.person_id not in {each.person_id for each in await house.hub.list_members(other.owner.credential)}
    assert [each["decision"] for each in await house.events("person.refused")] == codes
    assert await other.confirms(joining) == ada.person_id


@pytest.mark.parametrize("over", ["late", "turned_down", "disabled"])
async def test_a_joining_that_is_over_lets_nobody_in(house: StaffedHub, over: str) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    joining = await other.asks(ada, await other.invited())
    if over == "late":
        house.time.now += WAITS
        other.owner.credential = await other.owner.sign_in()
    elif over == "turned_down":
        for _ in range(2):
            await house.hub.orgs.joinings.refuse(other.owner.credential, joining.joining_id)
    else:
        await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(Conflict) as refused:
        await other.confirms(joining)
    assert code_of(refused.value) == "joining_over"
    with pytest.raises(NotFound):
        await house.hub.orgs.joinings.confirm(other.owner.credential, "joi_unknown", joining.digits)
    assert ada.person_id not in {each.person_id for each in await house.hub.list_members(other.owner.credential)}


async def test_another_account_of_an_admin_does_not_become_the_second_person_by_joining(house: StaffedHub) -> None:
    other = await second_org(house)
    ada = await house.person("Ada")
    await other.lets_in(ada, "owner")
    there = await other.visited_by(ada)
    await house.hub.policies.keep.want_second_person(other.house.operator, wanted=True)
    siv = other.owner.credential
    for name, role, letting_in, lets in (
        ("Bo", "admin", other.owner, False),
        ("Cy", "owner", other.owner, False),
        ("Di", "admin", there, True),
        ("Ed", "approver", other.owner, True),
    ):
        person = await house.person(name)
        invitation = Invitation(name=name, roles=frozenset({role}))
        joining = await other.asks(person, (await house.hub.invite_person(siv, invitation)).token)
        confirming = other.confirms(joining, letting_in)
        if lets:
            assert await confirming == person.person_id
            continue
        with pytest.raises(Forbidden, match="second person"):
            await confirming
    refused = [each["decision"] for each in await house.events("person.refused")]
    assert refused == ["second_person_confirms"] * 2


async def test_colleagues_who_replace_somebodys_keys_do_not_get_in_by_a_joining_that_waited_before(lost: Lost) -> None:
    other = await second_org(lost.house)
    joining = await other.asks(lost.ada, await other.invited("Ada", "admin"))
    made = await lost.house.hub.recover_by_link(lost.house.operator, lost.ada.person_id)
    with pytest.raises(Conflict) as refused:
        await other.confirms(joining)
    assert code_of(refused.value) == "joining_waits"
    assert [each["decision"] for each in await lost.house.events("person.refused")] == ["recovery_runs"]
    # The rest is as before: once nobody replaces her keys, she is let in.
    await lost.house.hub.end_recovery(lost.ada.credential, made.recovery.id)
    await other.confirms(joining)
    assert lost.ada.person_id in {each.person_id for each in await lost.house.hub.list_members(other.owner.credential)}
