"""What the operator lets organisations set up, unless the settings say otherwise."""

from __future__ import annotations

from approvals_hub.notifications.allowed import OwnChannels


def test_organisations_set_up_channels_and_reach_no_inner_network_unless_the_operator_says_so() -> None:
    usual = OwnChannels()
    assert (usual.off, usual.private_networks, usual.ports, usual.ca_file) == (False, [], (443, 8443), None)
