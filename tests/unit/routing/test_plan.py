"""Plans as they are written."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.routing.plan import GROUP, ROUTE, SCHEDULE, hash_of, name_in, read, uses
from tests.unit.routing.plans import LADDER, NIGHTS


def test_each_kind_is_read_by_its_loader() -> None:
    texts = {GROUP: "group: ops\nmembers: [a]\n", ROUTE: LADDER, SCHEDULE: NIGHTS.format(members="a")}
    for kind, text in texts.items():
        assert read(kind, name_in(kind, text), text).name == name_in(kind, text)


def test_a_text_that_calls_itself_otherwise_is_refused_at_its_name() -> None:
    with pytest.raises(Invalid) as refused:
        read(ROUTE, "other", LADDER)
    assert (refused.value.extra["line"], refused.value.extra["column"]) == (1, 8)


@pytest.mark.parametrize("text", ["- a\n", "group: [a]\n", "route: a\n"])
def test_a_text_without_a_name_has_none(text: str) -> None:
    with pytest.raises(Invalid):
        name_in(GROUP, text)


def test_a_route_uses_what_its_levels_name() -> None:
    assert uses(LADDER, GROUP, "ops")
    assert uses(LADDER, SCHEDULE, "nights")
    assert not uses(LADDER, GROUP, "nights")


def test_a_text_that_is_not_read_any_more_uses_nothing() -> None:
    assert not uses("levels: ops", GROUP, "ops")


def test_the_hash_is_of_every_character() -> None:
    assert hash_of("a") != hash_of("a ")
