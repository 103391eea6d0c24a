"""Drafts of policies as nouns: what may be proposed by whom."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.policies.draft import (
    OF_AGENT,
    OF_ORG,
    STATES,
    WHY_LIMIT,
    PolicyDraft,
    checked_why,
    draft_over,
    draft_unknown,
    refuse_flood,
    refuse_reach,
    refuse_text,
)
from approvals_hub.policies.kept import Binding


def draft(**members: object) -> PolicyDraft:
    given: dict[str, object] = dict.fromkeys(PolicyDraft.__struct_fields__)
    given |= {"id": "pdr_1", "state": "open", "tier": "owner", "rank": 100, "replaces": 0, "name": "n", **members}
    return PolicyDraft(**given)  # type: ignore[arg-type] -- a test gives what it is about


def test_a_draft_may_come_into_force_until_it_has_ended() -> None:
    assert [state for state in STATES if draft(state=state).live] == ["draft", "open"]


@pytest.mark.parametrize("member", ["change", "name", "policy_id", "replaces", "tier", "body", "proposed_by"])
def test_two_drafts_are_the_same_only_where_they_propose_the_very_same(member: str) -> None:
    assert draft(id="a", created_at=1).same_as(draft(id="b", created_at=2))
    assert not draft().same_as(draft(**{member: "another"}))


def test_an_agent_reaches_itself_and_its_teams() -> None:
    teams = frozenset({"web"})
    reached = [Binding("agent", "agt_1"), Binding("group", "web")]
    others = [Binding("agent", "agt_2"), Binding("group", "finance"), Binding()]
    assert [refuse_reach(each, "agt_1", teams) for each in reached] == [None, None]
    assert all(refuse_reach(each, "agt_1", teams) for each in others)


def test_a_flood_is_refused_by_the_agents_and_by_all_drafts() -> None:
    assert refuse_flood(OF_AGENT - 1, OF_ORG - 1) is None
    for mine, everybodys in ((OF_AGENT, OF_AGENT), (0, OF_ORG)):
        refusal = refuse_flood(mine, everybodys)
        assert refusal is not None
        assert refusal.code == "too_many_drafts"


def test_texts_and_words_have_their_bounds_in_bytes_and_characters() -> None:
    assert (refuse_text("å", 2), checked_why(None), checked_why("x")) == (None, None, "x")
    refusal = refuse_text("å", 1)
    assert refusal is not None
    assert refusal.field == "$.yaml"
    for why in ("", "x" * (WHY_LIMIT + 1)):
        with pytest.raises(Invalid):
            checked_why(why)


def test_refusals_say_how_it_stands_and_tell_no_stranger_what_there_is() -> None:
    assert draft_over(draft(state="stale", cause="version_changed")).extra == {
        "state": "stale",
        "cause": "version_changed",
    }
    assert draft_unknown().code == "policy_draft_unknown"
