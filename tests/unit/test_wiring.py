"""What the wiring computes by itself: the names of logs."""

from __future__ import annotations

from approvals_hub.wiring import log_origin


def test_a_log_is_named_by_the_hub_and_the_organisation() -> None:
    assert log_origin("hub.example:8443", "org_1") == "hub.example:8443/org_1"
