"""What is shown of signals when a reason cannot be opened any more, and as whom somebody holds one."""

from __future__ import annotations

from approvals_hub.policies.hold_signals import Setter
from tests.unit.hub_fixture import StaffedHub


async def test_a_reason_that_does_not_open_hides_nothing_of_what_stands(house: StaffedHub) -> None:
    signals = house.hub.policies.signals
    await signals.declare(house.operator, "incident", "x")
    await signals.set(house.operator, "incident", "why", lasts=60)
    await house.change("UPDATE signal_settings SET reason = :broken", broken=b"broken")
    [shown] = (await signals.list(house.operator)).declared
    assert (shown.stands, shown.settings[0].reason) == (True, None)


def test_people_hold_a_signal_together_and_each_monitor_for_itself() -> None:
    assert Setter("org_1", "person", "per_1").holds_as == Setter("org_1", "operator", "operator").holds_as == "people"
    assert Setter("org_1", "agent", "agt_1").holds_as == "agt_1"
