"""Whoever governs stops everything: every agent that waits is told no, and a second of work is enough for all of them.

How long it takes on a clock is for the bench, on a machine that has nothing else to do.
"""

from __future__ import annotations

import os

import pytest

from tests.load.stopping import measure

pytestmark = pytest.mark.soak

WAITERS = 500 if os.environ.get("SOAK") == "1" else 100
"""`make bench` has a thousand."""


def test_a_stop_tells_everybody_who_waits_no_with_less_than_a_second_of_work() -> None:
    _, busy = measure(waiters=WAITERS)
    assert busy < 1000, "milliseconds of the hub's processor time"
