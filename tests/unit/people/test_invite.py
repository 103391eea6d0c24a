"""Inviting people."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from approvals_hub.people.acting import OperatorCredential
from approvals_hub.people.disable import disable_in
from approvals_hub.people.invite import Invitation
from tests.fakes.front_door import HERE, PUBLIC_URL, START, FrontDoor, credential_of


async def test_an_invitation_makes_a_member_and_a_link_that_lives_a_day(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    invited = await door.invite_person(owner, Invitation("Ada", "ada@example.org", frozenset({"approver", "auditor"})))
    assert invited.url == f"{PUBLIC_URL}/app/enrol#{invited.token}"
    assert invited.expires_at == START + 24 * HOUR
    member = next(m for m in await door.list_members(owner) if m.person_id == invited.person_id)
    assert (member.name, member.email, member.roles) == ("Ada", "ada@example.org", ("approver", "auditor"))
    event = (await door.events("person.invited"))[-1]
    assert (event["actor_id"], event["detail"]["roles"]) == (phone.person_id, ["approver", "auditor"])


async def test_names_and_addresses_stay_out_of_the_log(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    # No hexadecimal digits: a hash never holds it by chance.
    await door.invite_person(owner, Invitation("Quixyz", "quixyz@example.org"))
    assert "quixyz" not in str(await door.events("person.invited")).lower()


async def test_every_invited_person_has_a_data_key_and_a_handle_of_their_own(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    ids = [(await door.invite_person(owner, Invitation(name))).person_id for name in ("Ada", "Bob")]
    scopes = {row["scope"] for row in await door.rows("SELECT scope FROM data_keys")}
    assert set(ids) <= scopes
    handles = {bytes(row["user_handle"]) for row in await door.rows("SELECT user_handle FROM people")}
    assert len(handles) == 3


@pytest.mark.parametrize("roles", [{"owner"}, {"admin"}, {"approver", "admin"}])
async def test_an_admin_makes_no_admin_and_no_owner(door: FrontDoor, roles: set[str]) -> None:
    owner, _ = await door.owner()
    admin, _ = await door.member(owner, roles=frozenset({"admin"}))
    with pytest.raises(Forbidden, match="roles"):
        await door.invite_person(admin, Invitation("Eve", roles=frozenset(roles)))
    assert len(await door.list_members(owner)) == 2


@pytest.mark.parametrize("roles", [set(), {"root"}, {"approver", "root"}])
async def test_roles_that_do_not_exist_are_refused(door: FrontDoor, roles: set[str]) -> None:
    owner, _ = await door.owner()
    with pytest.raises(Forbidden):
        await door.invite_person(owner, Invitation("Eve", roles=frozenset(roles)))


async def test_an_approver_invites_nobody(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    approver, _ = await door.member(owner)
    with pytest.raises(Forbidden):
        await door.invite_person(approver, Invitation("Eve"))


async def test_the_operator_invites_at_the_command_line(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    invited = await door.invite_person(await door.operator(), Invitation("Ada", roles=frozenset({"admin"})))
    await door.accept(invited.token, HERE)
    assert (await door.events("person.invited"))[-1]["actor_type"] == "operator"
    assert len(await door.list_members(owner)) == 2


async def test_an_unknown_organisation_invites_nobody(door: FrontDoor) -> None:
    with pytest.raises(NotFound):
        await door.invite_person(OperatorCredential("org_none"), Invitation("Ada"))


@pytest.mark.parametrize(
    "invitation",
    [Invitation(""), Invitation("Ada", "no address"), Invitation("Ada", expires_in=1), Invitation("a\nb")],
)
async def test_an_invitation_with_a_wrong_value_is_refused(door: FrontDoor, invitation: Invitation) -> None:
    owner, _ = await door.owner()
    with pytest.raises(Invalid):
        await door.invite_person(owner, invitation)


async def test_a_new_link_for_a_member_ends_the_old_link_and_its_session(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    again = await door.invite_person(owner, Invitation(person_id=accepted.person_id))
    newest = await door.invite_person(owner, Invitation(person_id=accepted.person_id))
    with pytest.raises(Unauthenticated):
        await door.accept(again.token, HERE)
    with pytest.raises(Unauthenticated, match="ended"):
        await door.current_session(credential_of(accepted.session.token))
    assert (await door.accept(newest.token, HERE)).person_id == accepted.person_id


async def test_no_link_is_made_into_an_account_that_has_a_key(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    _, phone = await door.member(owner)
    with pytest.raises(Conflict, match="has or had a key"):
        await door.invite_person(owner, Invitation(person_id=phone.person_id))


async def test_an_admin_who_revokes_a_colleagues_key_and_makes_a_new_link_gets_none(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    _, phone = await door.member(owner)
    await door.revoke_device(owner, phone.device_id)
    with pytest.raises(Conflict, match="let whoever made it in alone"):
        await door.invite_person(owner, Invitation(person_id=phone.person_id))


async def test_an_admin_gets_no_link_into_an_owners_keyless_account(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    admin, _ = await door.member(owner, roles=frozenset({"admin"}))
    keyless = await door.invite_person(owner, Invitation("Grace", roles=frozenset({"owner"})))
    with pytest.raises(Forbidden):
        await door.invite_person(admin, Invitation(person_id=keyless.person_id))
    await door.accept(keyless.token, HERE)


async def test_a_disabled_or_unknown_person_gets_no_new_link(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    accepted = await door.invited(owner)
    await door.db.run(lambda tx: disable_in(tx, accepted.person_id, START))
    for person_id in (accepted.person_id, "per_unknown"):
        with pytest.raises(NotFound):
            await door.invite_person(owner, Invitation(person_id=person_id))
