"""Waiting is counted by caller."""

from __future__ import annotations

import pytest

from approvals_hub.api.waiters import Waiters
from approvals_hub.core.errors import TooMany


def test_a_caller_at_its_limit_is_told_to_come_back() -> None:
    waiters = Waiters()
    waiters.enter("agt_1", 1)
    with pytest.raises(TooMany) as refused:
        waiters.enter("agt_1", 1)
    assert refused.value.retry_after == 5


def test_another_caller_waits_as_before() -> None:
    waiters = Waiters()
    waiters.enter("agt_1", 1)
    waiters.enter("agt_2", 1)


def test_whoever_leaves_makes_room_and_leaves_nothing_behind() -> None:
    waiters = Waiters()
    with waiters.one("agt_1", 1):
        assert len(waiters) == 1
    assert len(waiters) == 0
    waiters.enter("agt_1", 1)


def test_whoever_fails_while_waiting_leaves_too() -> None:
    waiters = Waiters()
    with pytest.raises(RuntimeError), waiters.one("agt_1", 1):
        raise RuntimeError
    assert len(waiters) == 0
