"""The operator's commands about limits and numbers are in the one table, and do what they say."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.cli.operate_fatigue import FATIGUE
from tests.unit.hub_fixture import StaffedHub


@pytest.mark.parametrize("command", FATIGUE)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == FATIGUE[command]


async def test_one_bucket_is_changed_and_the_others_stay(house: StaffedHub) -> None:
    before = await carry_out(house.hub, "agents.limits", {})
    after = await carry_out(house.hub, "agents.limits", {"buckets": {"pair": {"burst": 1, "hourly": 2}}})
    assert after == {**before, "pair": {"burst": 1, "hourly": 2}}
    assert await carry_out(house.hub, "agents.limits", {}) == after


async def test_every_approver_is_measured(house: StaffedHub) -> None:
    found = await carry_out(house.hub, "people.measures", {"days": 7})
    assert [one["person_id"] for one in found["items"]] == [house.owner.person_id]
