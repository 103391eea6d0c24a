"""Buckets and growing waits, as arithmetic."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import HOUR, MINUTE, SECOND
from approvals_hub.core.errors import Invalid
from approvals_hub.domain.allowance import MOST, Bucket, Limits, back_off, read_limits, stored


def test_a_bucket_gives_back_one_at_a_time() -> None:
    bucket = Bucket(burst=3, hourly=60)
    assert (bucket.each, bucket.span) == (MINUTE, 2 * MINUTE)


@pytest.mark.parametrize(
    ("denials", "same", "wait"),
    [
        (0, True, 0),
        (1, True, 0),
        (2, True, 30 * SECOND),
        (3, True, 60 * SECOND),
        (8, True, 32 * MINUTE),  # 30 s doubled six times
        (9, True, HOUR),  # 64 minutes are more than the most
        (10_000, True, HOUR),
        (3, False, 0),
        (4, False, 10 * SECOND),
        (5, False, 20 * SECOND),
        (11, False, 15 * MINUTE),  # 1280 s are more than the most
    ],
)
def test_each_further_denial_doubles_the_wait_up_to_a_most(denials: int, same: bool, wait: int) -> None:
    assert back_off(denials, same=same) == wait


def test_what_is_stored_is_read_again_and_nothing_is_the_defaults() -> None:
    limits = Limits(agent=Bucket(1, 2))
    assert stored(limits.text()) == limits
    assert stored(None) == Limits()


@pytest.mark.parametrize("kind", ["agent", "person", "pair"])
@pytest.mark.parametrize("name", ["burst", "hourly"])
def test_every_member_that_lets_more_through_is_noticed(kind: str, name: str) -> None:
    low, high = {"burst": 5, "hourly": 5}, {"burst": 5, "hourly": 5, name: 6}
    less = read_limits(dict.fromkeys(("agent", "person", "pair"), low))
    more = read_limits({one: high if one == kind else low for one in ("agent", "person", "pair")})
    assert more.allow_more_than(less)
    assert not less.allow_more_than(more)
    assert not less.allow_more_than(less)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"agent": {"burst": 0, "hourly": 1}}, "$.agent.burst"),
        ({"person": {"burst": 1, "hourly": MOST + 1}}, "$.person.hourly"),
        ({"pair": {"burst": True, "hourly": 1}}, "$.pair.burst"),
        ({"pair": {"burst": 1}}, "$.pair"),
        ({"everybody": {"burst": 1, "hourly": 1}}, "$"),
        ([], "$"),
    ],
)
def test_a_limit_that_means_nothing_is_refused_at_its_place(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as found:
        read_limits(value)
    assert (found.value.code, found.value.field) == ("limits_invalid", field)


def test_letting_denials_cost_nothing_lets_more_through() -> None:
    assert Limits(back_off=False).allow_more_than(Limits())
    assert not Limits().allow_more_than(Limits(back_off=False))
