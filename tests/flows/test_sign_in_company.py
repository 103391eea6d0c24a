"""An organisation's own OpenID provider: who it lets in, which roles its groups give and take, and where it ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import url_of
from tests.flows.sign_in_town import HERE, SignInTown, sign_in_town
from tests.flows.world import World

ROLES = {"payments": ["approver"], "it": ["admin", "developer"], "board": ["owner"]}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "company": {"org": HERE, "roles": ROLES, "join": "mapped", "title": "Company"},
    "partner": {"org": HERE, "join": "invited"},
    "other": {"org": "org_elsewhere", "roles": ROLES, "join": "mapped"},
}
EVA = {"sub": "eva-1", "name": "Eva", "email": "eva@example.com", "email_verified": True, "groups": ["payments"]}


@pytest.fixture
async def town(database_place: Path | str, tmp_path: Path) -> AsyncIterator[SignInTown]:
    async with sign_in_town(url_of(database_place), tmp_path, TABLES) as town:
        yield town


async def set_email(world: World, person_id: str, email: str) -> None:
    sql = "UPDATE people SET email = :email WHERE id = :id"
    await world.hub.db.run(lambda tx: tx.execute(sql, email=email, id=person_id))


async def test_a_person_who_comes_with_a_mapped_group_joins_with_its_roles_and_admins_are_told(
    town: SignInTown,
) -> None:
    signed_in = await town.signed_in("company", {**EVA, "groups": ["payments", "it", "cooks"]})
    assert (signed_in["org"]["org_id"], signed_in["roles"]) == (town.world.org_id, ["admin", "approver", "developer"])
    eva = (await town.members())["Eva"]
    assert (eva["email"], sorted(eva["roles"])) == ("eva@example.com", ["admin", "approver", "developer"])
    notices = await town.world.owner.call("GET", f"/v1/orgs/{town.world.org_id}/notices")
    assert [(line["kind"], line["subject_id"]) for line in notices["items"]] == [
        ("person_joined", signed_in["person"]["person_id"])
    ]
    assert [
        entry["detail"]["roles"] for entry in await entries(town, "person.joined") if "roles" in entry["detail"]
    ] == [["admin", "approver", "developer"]]


async def test_whoever_comes_again_is_the_same_person(town: SignInTown) -> None:
    first, second = [await town.signed_in("company", EVA) for _ in range(2)]
    assert first["person"] == second["person"]
    assert len(await town.members()) == 2


@pytest.mark.parametrize("groups", [[], ["cooks"], "payments", [{"name": "payments"}]])
async def test_a_person_without_a_mapped_group_does_not_join(town: SignInTown, groups: Any) -> None:
    given = await town.sign_in("company", {**EVA, "groups": groups})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    assert len(await town.members()) == 1


async def test_a_group_claim_of_a_provider_without_a_mapping_gives_no_role(town: SignInTown) -> None:
    given = await town.sign_in("partner", {**EVA, "groups": ["board"]})
    assert given.status == 401
    invited = await town.world.invited("Eva")
    await set_email(town.world, invited.person_id, "eva@example.com")
    assert (await town.signed_in("partner", {**EVA, "groups": ["board"]}))["roles"] == ["approver"]


async def test_the_provider_of_one_organisation_signs_nobody_in_to_another(town: SignInTown) -> None:
    for more in ({}, {"org_id": town.world.org_id}):
        given = await town.world.send("POST", "/v1/sign-ins", body={"method": "other", **more})
        if given.status == 201:
            begun = given.json()
            given = await town.answer(begun, await town.came_back(begun["shown"], "other", EVA))
        assert given.status in (401, 404)
    assert len(await town.members()) == 1


async def test_a_linked_account_of_another_organisations_provider_signs_nobody_in_here(town: SignInTown) -> None:
    await town.link("other", EVA)
    assert (await town.sign_in("other", EVA)).json()["code"] == "not_signed_in"


async def test_an_invited_member_is_known_by_an_address_that_the_provider_vouches_for(town: SignInTown) -> None:
    invited = await town.world.invited("Eva Invited")
    await set_email(town.world, invited.person_id, "Eva@Example.com")
    signed_in = await town.signed_in("partner", EVA)
    assert signed_in["person"]["person_id"] == invited.person_id


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_unverified_e_mail_claim_takes_over_no_account(town: SignInTown, verified: Any) -> None:
    invited = await town.world.invited("Eva Invited")
    await set_email(town.world, invited.person_id, "eva@example.com")
    given = await town.sign_in("partner", {**EVA, "email_verified": verified})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("method", ["partner", "company"])
async def test_a_verified_e_mail_claim_takes_over_no_account_with_a_key(town: SignInTown, method: str) -> None:
    await set_email(town.world, town.world.owner.person_id, "eva@example.com")
    given = await town.sign_in(method, {**EVA, "groups": ["board"]})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    assert len(await town.members()) == 1


async def test_roles_follow_the_groups_at_each_sign_in_and_others_stay(town: SignInTown) -> None:
    await town.signed_in("company", {**EVA, "groups": ["payments", "it"]})
    await town.world.hub.db.run(
        lambda tx: tx.execute(
            "UPDATE memberships SET roles = 'admin approver auditor developer' WHERE roles <> 'owner'"
        )
    )
    assert (await town.signed_in("company", EVA))["roles"] == ["approver", "auditor"]
    [entry] = await entries(town, "person.roles_changed")
    assert (entry["detail"]["added"], entry["detail"]["removed"]) == ([], ["admin", "developer"])
    assert entry["actor_type"] == "hub"


async def test_who_left_every_mapped_group_is_not_signed_in_and_has_no_role_any_more(town: SignInTown) -> None:
    before = await town.signed_in("company", EVA)
    assert (await town.as_session(before, "GET", "/v1/inbox")).status == 200
    given = await town.sign_in("company", {**EVA, "groups": []})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    assert (await town.members())["Eva"]["roles"] == []
    refused = await town.as_session(before, "POST", f"/v1/orgs/{town.world.org_id}/member-invites", {"name": "X"})
    assert refused.status == 403


async def test_a_mapping_that_would_remove_the_last_owner_leaves_them_owner(town: SignInTown) -> None:
    await town.link("company", EVA)
    assert (await town.signed_in("company", EVA))["roles"] == ["approver", "owner"]


async def test_an_owner_who_is_not_the_last_one_loses_the_role_with_the_group(town: SignInTown) -> None:
    await town.link("company", EVA)
    await town.world.person("Second", "owner")
    assert (await town.signed_in("company", EVA))["roles"] == ["approver"]


async def test_somebody_whom_a_provider_let_in_enrols_a_first_key_that_an_admin_confirms(town: SignInTown) -> None:
    signed_in = await town.signed_in("company", EVA)
    person_id = signed_in["person"]["person_id"]

    async def enrol() -> Any:
        challenge = (await town.as_session(signed_in, "POST", "/v1/challenges", {"purpose": "enrol"})).json()
        return await town.as_session(signed_in, "POST", "/v1/devices", town.new_key(challenge, person_id))

    enrolled = (await enrol()).json()
    assert (enrolled["device"]["state"], enrolled["session"]) == ("pending", None)
    path = f"/v1/devices/{enrolled['device']['device_id']}/confirmation"
    assert (await town.as_session(signed_in, "POST", path, {"digits": enrolled["digits"]})).status == 403
    await town.world.owner.call("POST", path, await town.world.compared(enrolled["digits"]))
    again = await enrol()
    assert (again.status, again.json()["code"]) == (403, "existing_key_needed")


async def entries(town: SignInTown, kind: str) -> list[dict[str, Any]]:
    """The organisation's entries of this kind, from an export."""
    lines = [json.loads(line) for line in (await town.world.export()).splitlines()]
    return [entry for line in lines if (entry := line.get("entry", {})).get("kind") == kind]
