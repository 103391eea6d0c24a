"""Signing in with Google and Microsoft, as their presets set them up: whom they let in, and with which roles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.openid_provider import OpenIdProvider
from tests.fakes.openid_vendors import STRANGE_TENANT, TENANT, Google, Microsoft
from tests.flows.conftest import url_of
from tests.flows.sign_in_town import HERE, SignInTown, sign_in_town
from tests.flows.test_sign_in_company import entries, set_email

VENDORS: dict[str, type[OpenIdProvider]] = {"google": Google, "microsoft": Microsoft}
PAYMENTS, BOARD = "0c4f7e0a-6d8e-4f2b-9a57-1f1a5d1b2c3d", "f2b6ab0e-2d6f-4a60-8c1e-58a3a2b0d9aa"
TABLES: dict[str, dict[str, Any]] = {
    "google": {
        "kind": "google",
        "org": HERE,
        "join": "mapped",
        "roles": {"example.com": ["approver"]},
        # Its token endpoint and its keys are on other hosts than its issuer; here all of them are this machine.
        "private_networks": ["127.0.0.0/8"],
    },
    "microsoft": {
        "kind": "microsoft",
        "org": HERE,
        "join": "mapped",
        "roles": {PAYMENTS: ["approver", "auditor"], BOARD: ["owner"]},
        "tenants": [TENANT],
    },
}
EVA = {"sub": "110169484474386276334", "name": "Eva", "email": "eva@example.com", "email_verified": True}
AT_GOOGLE = {**EVA, "hd": "example.com"}
AT_MICROSOFT = {**EVA, "tid": TENANT, "groups": [PAYMENTS, "11111111-2222-3333-4444-555555555555"]}


@pytest.fixture
async def town(sqlite_path: Path, tmp_path: Path) -> AsyncIterator[SignInTown]:
    async with vendors_town(url_of(sqlite_path), tmp_path) as town:
        yield town


@pytest.fixture
async def each_town(database_place: Path | str, tmp_path: Path) -> AsyncIterator[SignInTown]:
    async with vendors_town(url_of(database_place), tmp_path) as town:
        yield town


def vendors_town(database: str, folder: Path) -> Any:
    """A hub that knows both vendors."""
    return sign_in_town(database, folder, TABLES, VENDORS)


async def test_each_vendors_preset_signs_people_in_with_the_roles_that_their_domain_or_groups_mean(
    each_town: SignInTown,
) -> None:
    town = each_town
    at_google = await town.signed_in("google", AT_GOOGLE)
    assert (at_google["org"]["org_id"], at_google["roles"]) == (town.world.org_id, ["approver"])
    at_microsoft = await town.signed_in("microsoft", {**AT_MICROSOFT, "name": "Eva M", "email": "eva.m@example.com"})
    assert (at_microsoft["org"]["org_id"], at_microsoft["roles"]) == (town.world.org_id, ["approver", "auditor"])
    assert (town.providers["google"].sent_here[-1]["prompt"], len(await town.members())) == ("select_account", 3)
    again = await town.signed_in("microsoft", {**AT_MICROSOFT, "name": "Eva M", "groups": [PAYMENTS, BOARD]})
    assert (again["person"], again["roles"]) == (at_microsoft["person"], ["approver", "auditor", "owner"])


async def test_an_account_that_anybody_can_have_joins_nothing(town: SignInTown) -> None:
    strangers: list[dict[str, Any]] = [
        EVA,
        {**EVA, "hd": "example.org"},
        {**EVA, "hd": ["example.com"]},
        # What a consumer's address says is no domain of a customer's.
        {**EVA, "email": "eva@example.com", "hosted_domain": "example.com"},
    ]
    for person in strangers:
        given = await town.sign_in("google", person)
        assert (given.status, given.json()["code"]) == (401, "not_signed_in"), person
    assert len(await town.members()) == 1


async def test_an_address_that_google_verified_once_for_a_consumer_takes_over_no_invitation(town: SignInTown) -> None:
    invited = await town.world.invited("Eva Invited", "auditor")
    await set_email(town.world, invited.person_id, "eva@example.com")
    given = await town.sign_in("google", EVA)
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    assert (await town.signed_in("google", AT_GOOGLE))["person"]["person_id"] == invited.person_id


async def test_whoever_is_in_another_tenant_joins_nothing_whatever_groups_it_gives_them(town: SignInTown) -> None:
    for person in ({**AT_MICROSOFT, "tid": STRANGE_TENANT}, {**AT_MICROSOFT, "tid": TENANT.upper()}):
        given = await town.sign_in("microsoft", person)
        assert (given.status, given.json()["code"]) == (401, "not_signed_in"), person
    microsoft = town.providers["microsoft"]
    microsoft.knobs.claims = {"iss": f"{microsoft.base_url}/{STRANGE_TENANT}/v2.0"}
    assert (await town.sign_in("microsoft", AT_MICROSOFT)).status == 401
    assert len(await town.members()) == 1


async def test_a_person_is_the_same_whether_google_names_itself_with_a_scheme_or_without(town: SignInTown) -> None:
    google = town.providers["google"]
    assert isinstance(google, Google)
    first = await town.signed_in("google", AT_GOOGLE)
    google.bare = True
    assert (await town.signed_in("google", AT_GOOGLE))["person"] == first["person"]
    google.knobs.claims = {"iss": "accounts.example"}
    assert (await town.sign_in("google", AT_GOOGLE)).status == 401


async def test_a_member_whose_groups_are_too_many_to_be_told_is_not_signed_in_and_keeps_their_roles(
    town: SignInTown,
) -> None:
    crowd = [PAYMENTS, *(f"{number:08x}-0000-0000-0000-000000000000" for number in range(200))]
    # Nobody joins by groups that were not told.
    assert (await town.sign_in("microsoft", {**AT_MICROSOFT, "groups": crowd})).status == 401
    assert len(await town.members()) == 1
    await town.signed_in("microsoft", AT_MICROSOFT)
    given = await town.sign_in("microsoft", {**AT_MICROSOFT, "groups": crowd})
    assert (given.status, given.json()["code"]) == (401, "not_signed_in")
    assert (await town.members())["Eva"]["roles"] == ["approver", "auditor"]
    assert [entry["decision"] for entry in await entries(town, "session.refused")] == ["groups_not_told"]
    assert await entries(town, "person.roles_changed") == []
