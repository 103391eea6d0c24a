"""An agent proposes a policy."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound, TooLarge, TooMany
from approvals_hub.policies.draft import OF_AGENT, OPEN, TEXT_LIMIT
from approvals_hub.policies.kept import Binding
from tests.unit.changes.drafted import decided, propose, standing
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules


async def test_a_draft_decides_nothing_before_it_is_approved_and_does_then(house: StaffedHub) -> None:
    await publish(house, DENY)
    ada = await house.person("Ada", "admin")
    draft = await propose(house, rules("id: a, effect: allow, action: db.drop_table"), why="it is always the same")
    assert (draft.state, draft.tier, draft.bound_to) == (OPEN, "agent", house.bot.agent_id)
    before = await house.hub.authorize(house.bot.credential(), house.bot.action())
    draft = await decided(house, draft, ada)
    after = await house.hub.authorize(house.bot.credential(), house.bot.action())
    assert (before.told.decision.decision, after.told.decision.decision) == ("DENY", "ALLOW")
    assert (draft.state, draft.version, draft.cause) == ("in_force", 1, None)
    kinds = ("policy.drafted", "policy.draft_asked", "policy.draft_ended")
    told = [(await house.events(kind))[-1] for kind in kinds]
    assert [each["detail"]["after"] for each in told] == [draft.hash] * 3
    published = (await house.events("policy.published"))[-1]
    assert (published["actor_id"], published["escalation_id"]) == ("hub", draft.escalation_id)
    assert (published["detail"]["draft_id"], published["detail"]["proposed_by"]) == (draft.id, house.bot.agent_id)


async def test_people_see_what_changes_in_words_the_whole_text_and_why(house: StaffedHub) -> None:
    await house.hub.policies.label_agents(
        house.operator, house.bot.agent_id, teams=["web"], project=None, environment=None
    )
    old = rules("id: a, effect: allow, action: finance.*, approval: {}", default="require_approval")
    await publish(house, old, binding=Binding("group", "web"))
    text = rules(
        "id: a, effect: allow, action: finance.*", "id: b, effect: deny, action: db.drop", default="require_approval"
    )
    draft = await propose(house, text, name="main", team="web", why="people always say yes")
    card = await house.hub.present(house.owner.credential, str(draft.escalation_id))
    payload = card.action["payload"]
    assert card.action["action_type"] == "hub.policy.publish"
    assert payload["changes"] == {
        "allowed_from_now_on": ["finance.*: allowed, and nobody is asked. Before: allowed once people have approved."],
        "refused_from_now_on": ["db.drop: refused. Before: allowed once people have approved."],
    }
    assert (payload["whole_text"], payload["holds_for"]) == (text, "the team web, rank 100")
    assert "-  - {id: a, effect: allow, action: finance.*, approval: {}}" in payload["lines_that_change"]
    assert (payload["policy"]["replaces_version"], payload["proposed_by"]["owner"]["name"]) == (1, "Owner")
    assert card.presentation["justification"] == {"text": "people always say yes", "verified": False}


async def test_a_draft_that_was_denied_never_comes_into_force(house: StaffedHub) -> None:
    draft = await decided(house, await propose(house), house.owner, "deny")
    assert (draft.state, draft.cause) == ("refused", "denied")
    assert await house.hub.policies.read(house.operator) == []


async def test_the_proposing_agents_owner_does_not_answer_where_somebody_else_could(house: StaffedHub) -> None:
    ada = await house.person("Ada", "admin")
    draft = await propose(house)
    with pytest.raises(HubError):
        await house.owner.answer(str(draft.escalation_id))
    assert (await decided(house, draft, ada)).state == "in_force"


async def test_where_nobody_else_could_the_owner_answers_but_not_where_a_second_person_is_wanted(
    house: StaffedHub,
) -> None:
    assert (await decided(house, await propose(house), house.owner)).state == "in_force"
    ada = await house.person("Ada", "admin")
    await house.hub.policies.keep.want_second_person(house.operator, wanted=True)
    await house.hub.govern.set_person_state(house.operator, house.org_id, ada.person_id, "disabled")
    with pytest.raises(Conflict) as refused:
        await propose(house, ASK, name="other")
    assert refused.value.code == "no_approvers"


async def test_whoever_may_not_publish_is_not_asked(house: StaffedHub) -> None:
    others = [await house.person("Bo", role) for role in ("approver", "auditor", "developer")]
    draft = await propose(house)
    for other in others:
        with pytest.raises(HubError):
            await other.answer(str(draft.escalation_id))


async def test_an_agent_proposes_for_itself_and_its_teams_alone(house: StaffedHub) -> None:
    await publish(house, DENY)
    await house.let_agents_ask(100)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"team": "finance"}, "draft_reaches_others"),
        ({"name": "main"}, "draft_reaches_others"),
        ({"version": 7}, "version_changed"),
        ({"name": "No Name"}, "policy_invalid"),
        ({"team": "No Team"}, "policy_invalid"),
        ({"why": "x" * 281}, "why_invalid"),
    ]
    for more, code in cases:
        with pytest.raises(HubError) as refused:
            await propose(house, **more)
        assert code_of(refused.value) == code


async def test_a_text_that_is_no_policy_is_refused_with_its_line_and_recorded(house: StaffedHub) -> None:
    with pytest.raises(Invalid) as refused:
        await propose(house, "version: 1\ndefault: allow\nrules:\n  - {id: a, effekt: allow}\n")
    assert "line 4" in refused.value.detail
    with pytest.raises(Invalid):
        await propose(house, rules("id: a, effect: allow, action: '*', approval: {route: nowhere}"))
    with pytest.raises(TooLarge):
        await propose(house, ALLOW + "#" * TEXT_LIMIT)
    assert [entry["decision"] for entry in await house.events("policy.draft_refused")] == [
        "policy_invalid",
        "policy_invalid",
        "policy_too_long",
    ]


async def test_an_agent_with_an_api_key_alone_proposes_nothing(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    with pytest.raises(Forbidden) as refused:
        await propose(house, by=script)
    assert refused.value.code == "signature_needed"


async def test_twenty_drafts_at_once_are_a_flood_and_the_very_same_is_one_draft(house: StaffedHub) -> None:
    await house.let_agents_ask(100)

    async def one(name: str) -> str:
        try:
            return (await propose(house, name=name)).id
        except TooMany as refused:
            return refused.code

    made = await asyncio.gather(*(one(f"n{number}") for number in range(20)))
    assert len({each for each in made if each.startswith("pdr_")}) == OF_AGENT
    assert made.count("too_many_drafts") == 20 - OF_AGENT
    first = next(each for each in made if each.startswith("pdr_"))
    name = (await house.hub.drafts.read.one(house.operator, first))[0].name
    assert await one(name) == first
    assert len(await house.rows("SELECT id FROM escalations")) == OF_AGENT


async def test_drafts_take_their_place_in_how_much_an_agent_may_ask(house: StaffedHub) -> None:
    await house.let_agents_ask(1)
    await propose(house)
    with pytest.raises(TooMany) as refused:
        await propose(house, name="other")
    assert refused.value.code == "asked_too_often"


async def test_a_stopped_organisation_and_a_paused_agent_propose_nothing(house: StaffedHub) -> None:
    await house.hub.govern.stop(house.operator, house.org_id)
    with pytest.raises(Conflict):
        await propose(house)
    await house.hub.govern.resume(house.operator, house.org_id)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    with pytest.raises(Forbidden):
        await propose(house)


async def test_an_agent_sees_its_own_drafts_and_takes_them_back(house: StaffedHub) -> None:
    other = await house.agent("other")
    draft = await propose(house, why="because")
    read = house.hub.drafts.read
    assert [each.id for each in await read.of_agent(house.bot.credential())] == [draft.id]
    assert (await read.one_of_agent(house.bot.credential(), draft.id))[1] == "because"
    assert await read.of_agent(other.credential()) == []
    for call in (read.one_of_agent, house.hub.drafts.end.by_agent):
        with pytest.raises(NotFound):
            await call(other.credential(), draft.id)
    gone = await house.hub.drafts.end.by_agent(house.bot.credential(), draft.id)
    again = await house.hub.drafts.end.by_agent(house.bot.credential(), draft.id)
    [question] = await house.rows("SELECT state FROM escalations WHERE id = :id", id=draft.escalation_id)
    assert (gone.state, again, question["state"]) == ("withdrawn", gone, "withdrawn")
    assert await standing(house, draft) == msgspec.structs.replace(gone, proposer="bot")
