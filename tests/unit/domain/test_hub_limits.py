"""What the operator says of limits, as arithmetic."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.domain.allowance import Bucket, Limits
from approvals_hub.domain.hub_limits import HubLimits


def test_without_a_word_of_the_operator_the_defaults_stand_and_nothing_is_bounded() -> None:
    assert HubLimits().of(None) == Limits()
    HubLimits().refuse_more(Limits(agent=Bucket(1_000_000, 1_000_000), back_off=False))


def test_an_organisation_that_says_nothing_has_what_the_operator_says() -> None:
    found = HubLimits(agent="5/10", back_off=False).of(None)
    assert (found.agent, found.person, found.back_off) == (Bucket(5, 10), Limits().person, False)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Limits(agent=Bucket(201, 1)), "$.agent.burst"),
        (Limits(agent=Bucket(1, 401)), "$.agent.hourly"),
        (Limits(back_off=False), "$.back_off"),
    ],
)
def test_more_than_the_operator_allows_is_refused_with_its_place(wanted: Limits, field: str) -> None:
    bounds = HubLimits(agent_most="200/400", always_back_off=True)
    with pytest.raises(Invalid) as refused:
        bounds.refuse_more(wanted)
    assert (refused.value.code, refused.value.field) == ("limits_too_wide", field)
    bounds.refuse_more(Limits(agent=Bucket(200, 400)))


def test_what_an_organisation_set_before_is_cut_to_what_the_operator_allows_now() -> None:
    before = Limits(agent=Bucket(500, 5), pair=Bucket(3, 4), back_off=False).text()
    found = HubLimits(agent_most="200/400", always_back_off=True).of(before)
    assert (found.agent, found.pair, found.back_off) == (Bucket(200, 5), Bucket(3, 4), True)


@pytest.mark.parametrize(
    "wrong", [{"agent": "100"}, {"agent": "0/1"}, {"pair": "1/9999999"}, {"person": "1/2\n"}, {"agent_most": "1/1"}]
)
def test_what_is_no_bucket_or_wider_than_the_most_is_no_setting(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, HubLimits)
