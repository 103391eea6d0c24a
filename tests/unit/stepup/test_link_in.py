"""A way becomes a person's own in the very unit of work that proved it."""

from __future__ import annotations

from approvals_hub_client.canonical import loads
from tests.fakes.step_up_plugin.moody import SECRET, Vendor
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin_link, collect, link_app, link_moody


async def test_what_a_provider_keeps_of_a_person_is_sealed_with_their_own_key(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    house = plugged
    await link_moody(house.owner, vendor)
    [row] = await house.rows("SELECT sealed, subject_hash FROM factors")
    assert SECRET.encode() not in row["sealed"]
    plain = await house.hub.db.read(
        lambda tx: house.hub.vault.unseal_in(tx, house.owner.person_id, bytes(row["sealed"]), "factor:moody")
    )
    assert loads(plain) == {"secret": SECRET}
    assert len(bytes(row["subject_hash"])) == 32


async def test_a_way_without_names_for_people_is_tied_to_many(house: StaffedHub) -> None:
    await link_app(house.owner)
    await link_app(await house.person("Ada"))
    rows = await house.rows("SELECT subject_hash FROM factors")
    assert [row["subject_hash"] for row in rows] == [None, None]


async def test_a_refused_link_leaves_no_factor_and_no_proof(plugged: StaffedHub, vendor: Vendor) -> None:
    house = plugged
    await link_moody(await house.person("Ada"), vendor, "anna")
    name = (await begin_link(house.owner)).step.id
    vendor.approve(name, "anna")
    await collect(house)
    [row] = await house.rows("SELECT state, cause, evidence FROM step_ups WHERE id = :id", id=name)
    assert (row["state"], row["cause"], row["evidence"]) == ("ended", "factor_taken", None)
    assert len(await house.events("factor.added")) == 1
