"""Names that are not there."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.routing.plan import GROUP, ROUTE, SCHEDULE
from approvals_hub.routing.refer import Known, missing, refuse_unknown
from tests.unit.routing.plans import LADDER, NIGHTS

KNOWN = Known({"ada@example.com": "per_1", "per_1": "per_1"}, ("ops",), ("nights",), ("mail", "push"))


@pytest.mark.parametrize(
    ("kind", "text", "place", "near"),
    [
        (ROUTE, LADDER.replace("[ops]", "[opps]"), (6, 14), "did you mean 'ops'?"),
        (ROUTE, LADDER.replace("[nights]", "[night]"), (3, 17), "did you mean 'nights'?"),
        (ROUTE, LADDER.replace("groups: [ops]", "people: [adda@example.com]"), (6, 14), "'ada@example.com'"),
        (ROUTE, LADDER.replace("[push]", "[posh]", 1), (4, 16), "did you mean 'push'?"),
        (ROUTE, LADDER.replace("[push]", "[{channel: fax}]", 1), (4, 26), "known are mail, push"),
        (GROUP, "group: ops\nmembers: [per_1, bob]\n", (2, 18), "known are ada@example.com, per_1"),
        (SCHEDULE, NIGHTS.format(members="per_1, ada@exampel.com"), (4, 22), "'ada@example.com'"),
        (
            SCHEDULE,
            NIGHTS.format(members="per_1")
            + 'overrides:\n  - {person: zoe, from: "2026-01-01T00:00", to: "2026-01-02T00:00"}\n',
            (10, 14),
            "known are",
        ),
    ],
)
def test_an_unknown_name_is_refused_where_it_stands_with_the_nearest_one(
    kind: str, text: str, place: tuple[int, int], near: str
) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_unknown(kind, text, KNOWN)
    assert (refused.value.extra["line"], refused.value.extra["column"]) == place
    assert near in refused.value.detail


def test_known_names_are_taken() -> None:
    refuse_unknown(ROUTE, LADDER, KNOWN)
    refuse_unknown(SCHEDULE, NIGHTS.format(members="per_1, ada@example.com"), KNOWN)


def test_where_there_is_no_channel_at_all_a_route_can_be_written_beforehand() -> None:
    refuse_unknown(ROUTE, LADDER, Known(KNOWN.people, KNOWN.groups, KNOWN.schedules))


def test_what_a_saved_route_names_that_is_gone_is_said_with_its_place_and_what_follows() -> None:
    found = missing(ROUTE, LADDER, Known(KNOWN.people, (), KNOWN.schedules))
    assert [(each.path, each.kind, each.name) for each in found] == [
        ("$.levels[0].channels[0]", "channel", "push"),
        ("$.levels[1].groups[0]", "group", "ops"),
        ("$.levels[1].channels[0]", "channel", "push"),
    ]
    assert found[0].detail.endswith("the next way is tried at once")
    assert missing(ROUTE, LADDER, KNOWN) == []
