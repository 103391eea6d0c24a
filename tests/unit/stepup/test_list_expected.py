"""Which eIDs an organisation expects."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.stepup.expect_factor import EXPECTED_LIFE
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import link_moody


async def test_each_is_shown_with_who_said_so_and_what_became_of_it(plugged: StaffedHub, vendor: Vendor) -> None:
    ada, bo, hub = await plugged.person("Ada"), await plugged.person("Bo"), plugged.hub
    await hub.expect_factor(plugged.operator, plugged.org_id, ada.person_id, "moody", "1")
    owner = plugged.owner
    await hub.expect_factor(owner.credential, plugged.org_id, ada.person_id, "moody", "anna", await owner.fresh())
    await hub.expect_factor(plugged.operator, plugged.org_id, bo.person_id, "moody", "2")
    await link_moody(ada, vendor, "anna")
    shown = [(one.person_name, one.state, one.by_name) for one in await hub.list_expected(owner.credential)]
    name = shown[1][2]
    assert name is not None
    assert shown == [("Bo", "waiting", None), ("Ada", "linked", name), ("Ada", "replaced", None)]
    plugged.time.now += EXPECTED_LIFE
    assert (await hub.list_expected(plugged.operator))[0].state == "over"


async def test_who_does_not_govern_people_sees_none(plugged: StaffedHub) -> None:
    for role in ("approver", "auditor", "developer"):
        with pytest.raises(Forbidden):
            await plugged.hub.list_expected((await plugged.person(role, role)).credential)


async def test_another_organisations_are_not_shown(plugged: StaffedHub) -> None:
    await plugged.change(
        "INSERT INTO expected_factors (id, org_id, person_id, method, subject_hash, created_at, created_by, expires_at)"
        " VALUES ('exf_x', 'org_other', :id, 'moody', :hash, 1, 'x', 2)",
        id=plugged.owner.person_id,
        hash=bytes(32),
    )
    assert await plugged.hub.list_expected(plugged.operator) == []
