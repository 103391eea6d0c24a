"""Who governs."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, HubError, NotFound, Unauthenticated
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from tests.fakes.front_door import HERE, FrontDoor, credential_of


async def acting(
    door: FrontDoor, credential: PersonCredential | OperatorCredential, permission: Permission
) -> Acting | HubError:
    return await door.db.read(lambda tx: admit_acting_in(tx, credential, door.time.now, permission))


async def test_a_person_acts_under_their_own_name_and_roles(door: FrontDoor) -> None:
    owner, phone = await door.owner()
    found = await acting(door, owner, Permission.INVITE_PEOPLE)
    assert isinstance(found, Acting)
    assert (found.actor_type, found.actor_id, found.roles) == ("person", phone.person_id, frozenset({"owner"}))


async def test_the_operator_acts_with_an_owners_rights(door: FrontDoor) -> None:
    await door.set_up()
    found = await acting(door, await door.operator(), Permission.GOVERN_PEOPLE)
    assert isinstance(found, Acting)
    assert (found.actor_type, found.actor_id, found.roles) == ("operator", "operator", frozenset({"owner"}))


async def test_the_operator_of_an_unknown_organisation_is_nobody(door: FrontDoor) -> None:
    assert isinstance(await acting(door, OperatorCredential("org_none"), Permission.ANSWER), NotFound)


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_a_role_that_does_not_allow_it_is_refused(door: FrontDoor, role: str) -> None:
    owner, _ = await door.owner()
    member, _ = await door.member(owner, roles=frozenset({role}))
    assert isinstance(await acting(door, member, Permission.INVITE_PEOPLE), Forbidden)


async def test_a_session_that_has_ended_governs_nothing(door: FrontDoor) -> None:
    owner, _ = await door.owner()
    await door.end_session(owner)
    assert isinstance(await acting(door, owner, Permission.INVITE_PEOPLE), Unauthenticated)


async def test_an_invitations_session_governs_nothing_even_for_an_owner(door: FrontDoor) -> None:
    accepted = await door.accept((await door.set_up()).token, HERE)
    found = await acting(door, credential_of(accepted.session.token), Permission.INVITE_PEOPLE)
    assert isinstance(found, Forbidden)
