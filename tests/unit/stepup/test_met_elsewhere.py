"""Expectations that are met elsewhere; what follows is in `test_expect_factor_elsewhere.py`."""

from __future__ import annotations

from approvals_hub.stepup.met_elsewhere import note_met_in
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import StaffedHub


async def test_what_nobody_brought_is_left_as_it_is(plugged: StaffedHub, vendor: Vendor) -> None:
    ada, hub = await plugged.person("Ada"), plugged.hub
    await hub.expect_factor(plugged.operator, plugged.org_id, ada.person_id, "moody", "anna")
    recorder = hub.collect_step_ups.settle.recorder
    assert await hub.db.run(lambda tx: note_met_in(tx, recorder, plugged.time.now)) == 0
    assert [one.state for one in await hub.list_expected(plugged.operator)] == ["waiting"]
