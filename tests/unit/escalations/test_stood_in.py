"""Names of those in whose places somebody answered."""

from __future__ import annotations

from approvals_hub.escalations.stood_in import stood_in_for_in
from approvals_hub.routing.stand_in import StandIn, StoodIn
from tests.unit.hub_fixture import StaffedHub


async def test_a_name_is_the_one_that_the_person_has_now(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    given = [StandIn(ada.person_id, ("per_x",), ("abs_1",), 7), StandIn("per_unknown", (), ("abs_1",), 7)]
    found = await house.hub.db.read(lambda tx: stood_in_for_in(tx, given))
    assert found == (StoodIn(ada.person_id, "Ada", ("per_x",), 7), StoodIn("per_unknown", "", (), 7))
    assert await house.hub.db.read(lambda tx: stood_in_for_in(tx, [])) == ()
