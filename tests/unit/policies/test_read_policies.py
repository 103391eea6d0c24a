"""Reading policies, and what they were."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK, DENY, publish


@pytest.mark.parametrize("role", ["auditor", "developer"])
async def test_auditors_and_developers_read_policies_and_approvers_do_not(house: StaffedHub, role: str) -> None:
    await publish(house, ASK)
    reader, approver = await house.person("Ada", role), await house.person("Bo", "approver")
    assert [each.name for each in await house.hub.policies.read(reader.credential)] == ["main"]
    with pytest.raises(Forbidden):
        await house.hub.policies.read(approver.credential)


async def test_what_a_policy_was_stays_to_be_read(house: StaffedHub) -> None:
    await publish(house, ASK, source="c0ffee")
    await publish(house, DENY, version=1)
    found = await house.hub.policies.read.versions(house.operator, "main")
    assert [(each.version, each.text, each.source) for each in found] == [(2, DENY, None), (1, ASK, "c0ffee")]


async def test_one_that_is_not_there_is_not_found(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.policies.read.one(house.operator, "main")
    with pytest.raises(NotFound):
        await house.hub.policies.read.versions(house.operator, "main")
