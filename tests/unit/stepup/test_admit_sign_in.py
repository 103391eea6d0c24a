"""Who proved themselves, and whether a session is opened for them: the refusals all look the same from outside."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Unauthenticated
from approvals_hub.db.database import Tx
from approvals_hub.stepup import expected_store
from approvals_hub.stepup.sign_in import SignedIn
from tests.unit.hub_fixture import StaffedHub
from tests.unit.sign_in_house import SignIns


async def refused(ins: SignIns, **told: Any) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refusal:
        await ins.sign_in(**told)
    return refusal.value


async def recorded(ins: SignIns) -> list[Any]:
    return [event["decision"] for event in await ins.house.events("session.refused")]


async def test_somebody_unknown_is_refused_as_somebody_disabled_is(house: StaffedHub) -> None:
    ins = SignIns(house)
    ada = await house.person()
    await ins.link(ada.person_id, "ada")
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    unknown, disabled = await refused(ins, subject="nobody"), await refused(ins, subject="ada")
    assert (unknown.code, str(unknown), unknown.extra) == (disabled.code, str(disabled), disabled.extra)
    assert await recorded(ins) == ["person_disabled"]


async def test_somebody_who_was_removed_from_the_organisation_is_refused(house: StaffedHub) -> None:
    ins = SignIns(house)
    ada = await house.person()
    await ins.link(ada.person_id, "ada")
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    await refused(ins, subject="ada")


async def test_an_organisation_that_one_is_not_in_is_refused(house: StaffedHub) -> None:
    ins = SignIns(house)
    await ins.link(house.owner.person_id, "ada")
    begun = await ins.begin(org_id="org_other")
    with pytest.raises(Unauthenticated):
        await ins.answer(begun, {"subject": "ada"})
    assert await recorded(ins) == ["no_organisation"]


async def test_an_eid_other_than_the_one_that_the_organisation_waits_for_signs_nobody_in_to_it(
    house: StaffedHub,
) -> None:
    ins = SignIns(house)
    await ins.link(house.owner.person_id, "ada")

    async def work(tx: Tx) -> None:
        await expected_store.add(
            tx,
            expected_id="exf_1",
            org_id=house.org_id,
            person_id=house.owner.person_id,
            method="reception",
            subject_hash=ins.methods.subject_hash("reception", "somebody else"),
            at=house.time.now,
            by="operator",
            expires_at=house.time.now + 1000,
        )

    await house.hub.db.run(work)
    await refused(ins, subject="ada")
    assert await recorded(ins) == ["no_organisation"]
    house.time.now += 1000
    assert isinstance(await ins.sign_in(subject="ada"), SignedIn)


async def test_what_a_proof_used_up_signs_nobody_in_again(house: StaffedHub) -> None:
    ins = SignIns(house)
    await ins.link(house.owner.person_id, "ada")
    assert isinstance(await ins.sign_in(subject="ada", once=["code:1"]), SignedIn)
    await refused(ins, subject="ada", once=["code:1"])
    assert await recorded(ins) == ["proof_replayed"]


async def test_an_address_counts_as_read_where_the_organisations_own_provider_vouches_for_it(
    house: StaffedHub,
) -> None:
    claims = {"email": "ADA@example.com", "email_verified": True}
    await house.change("UPDATE people SET email = 'ada@example.com' WHERE id = :id", id=house.owner.person_id)
    verified = "SELECT id FROM people WHERE email_verified_at IS NOT NULL"
    public = SignIns(house)
    await public.link(house.owner.person_id, "ada")
    await public.sign_in(subject="ada", claims=claims)
    assert await house.rows(verified) == []
    await SignIns(house, way={"org_id": house.org_id}).sign_in(subject="ada", claims=claims)
    assert [row["id"] for row in await house.rows(verified)] == [house.owner.person_id]


async def test_the_log_names_the_way_and_the_providers_reference(house: StaffedHub) -> None:
    ins = SignIns(house)
    await ins.link(house.owner.person_id, "ada")
    await ins.sign_in(subject="ada")
    opened = (await house.events("session.opened"))[-1]["detail"]
    assert (opened["method"], opened["auth_ref"], opened["device_id"]) == ("reception", "sha256:ref", None)
