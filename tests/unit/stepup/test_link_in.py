"""The news of a changed factor reaches its person and the log, and names neither code nor subject."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.stepup.link_in import announce_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import linked


async def test_a_new_factor_is_recorded_with_its_id_and_method_alone(house: StaffedHub) -> None:
    await linked(house.owner)
    [event] = await house.events("factor.added")
    assert set(event["detail"]) == {"factor_id", "person_id", "method"}


async def test_whoever_changed_it_is_named(house: StaffedHub) -> None:
    recorder = house.hub.begin_step_up.recorder

    async def work(tx: Tx) -> None:
        await announce_in(
            tx,
            recorder,
            "factor.removed",
            house.org_id,
            house.owner.person_id,
            "fac_1",
            "bankid",
            now=house.time.now,
            by="per_admin",
        )

    await house.hub.db.run(work)
    [event] = await house.events("factor.removed")
    assert (event["actor_id"], event["detail"]["person_id"]) == ("per_admin", house.owner.person_id)
