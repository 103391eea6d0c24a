"""Whoever governs stops everything: within a second every agent that waits has been told no."""

from __future__ import annotations

import os

import pytest

from tests.load.stopping import measure

pytestmark = pytest.mark.soak

WAITERS = 500 if os.environ.get("SOAK") == "1" else 100
"""`make bench` has a thousand."""


def test_a_stop_tells_everybody_who_waits_no_within_a_second() -> None:
    assert measure(waiters=WAITERS) < 1000
