"""What the operator lets organisations set up, unless the settings say otherwise."""

from __future__ import annotations

import pytest

from approvals_hub.notifications.allowed import DeliveryLog, OwnChannels


def test_organisations_set_up_channels_and_reach_no_inner_network_unless_the_operator_says_so() -> None:
    usual = OwnChannels()
    assert (usual.off, usual.private_networks, usual.ports, usual.ca_file) == (False, [], (443, 8443), None)


@pytest.mark.parametrize("days", [1, 30, 3650])
def test_attempts_are_kept_for_as_many_days_as_the_operator_says(days: int) -> None:
    assert DeliveryLog(days=days).days == days


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_delivery_log_of_no_length_or_for_ever_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 3650"):
        DeliveryLog(days=days)
