"""Beginning to sign in, when nobody knows who it is."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound, TooMany, Unavailable
from approvals_hub.stepup.begin_sign_in import SignInAsked
from approvals_hub.stepup.sign_in_attempt import LIFE, SOURCE_LIMIT
from identity.errors import ProviderDown, Refused
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub
from tests.unit.sign_in_house import SignIns


async def test_the_provider_is_asked_to_bring_the_person_back_to_the_hubs_own_page(house: StaffedHub) -> None:
    ins = SignIns(house)
    begun = await ins.begin(language="sv")
    [asked] = ins.reception.asked
    assert (asked.return_url, asked.visible) == (f"{PUBLIC_URL}/return", "Logga in på hub.example.")
    assert (begun.shown.attempt.state, begun.shown.shown) == ("running", {"door": 1})


async def test_a_way_that_is_not_offered_is_unknown(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await SignIns(house).begin_sign_in(SignInAsked("totp"))


async def test_the_way_of_one_organisation_is_unknown_in_another(house: StaffedHub) -> None:
    ins = SignIns(house, way={"org_id": house.org_id})
    with pytest.raises(NotFound):
        await ins.begin(org_id="org_other")
    assert (await ins.begin()).shown.attempt.wanted_org == house.org_id


async def test_a_provider_that_is_down_ends_the_attempt(house: StaffedHub) -> None:
    ins = SignIns(house)
    for error, kind in ((ProviderDown("no"), Unavailable), (Refused("no"), Forbidden)):
        ins.reception.down = error
        with pytest.raises(kind):
            await ins.begin()
    assert {row["state"] for row in await house.rows("SELECT state FROM sign_ins")} == {"ended"}


async def test_attempts_of_one_address_are_few_until_their_time_is_over(house: StaffedHub) -> None:
    ins = SignIns(house)
    for _ in range(SOURCE_LIMIT):
        await ins.begin()
    with pytest.raises(TooMany):
        await ins.begin()
    await ins.begin_sign_in(SignInAsked("reception", source="192.0.2.2"))
    house.time.now += LIFE
    await ins.begin()


async def test_of_the_secret_only_a_hash_is_kept(house: StaffedHub) -> None:
    begun = await SignIns(house).begin()
    [row] = await house.rows("SELECT * FROM sign_ins")
    assert begun.secret not in str(dict(row))
    assert begun.secret not in repr(begun)
