"""The closed lists of the log."""

from __future__ import annotations

import re

from approvals_hub.audit.event import ACTOR_TYPES, KINDS, Event


def test_every_kind_is_a_noun_and_what_happened_to_it() -> None:
    assert [kind for kind in KINDS if not re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)] == []


def test_an_actor_is_an_agent_an_executor_the_hub_an_operator_or_a_person() -> None:
    assert {"agent", "executor", "hub", "operator", "person"} == ACTOR_TYPES


def test_two_events_do_not_share_their_details() -> None:
    first = Event(kind="org.created", org_id="org_1", at=0, actor_type="operator", actor_id="operator")
    second = Event(kind="org.created", org_id="org_1", at=0, actor_type="operator", actor_id="operator")
    first.detail["x"] = 1
    assert second.detail == {}
