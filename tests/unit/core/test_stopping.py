"""A hub that goes down says so once."""

from __future__ import annotations

from approvals_hub.core.stopping import Stopping


def test_a_hub_begins_as_one_that_serves() -> None:
    assert Stopping().begun is False
