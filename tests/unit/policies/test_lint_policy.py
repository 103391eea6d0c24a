"""What is said of a text before anybody publishes it."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, Invalid
from approvals_hub.policies.kept import Binding
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, DENY, publish, rules


async def test_every_place_that_is_wrong_is_named_and_nothing_else(house: StaffedHub) -> None:
    text = rules("id: a, efect: allow, action: pay", "id: b, effect: alow, action: pay")
    found = await house.hub.policies.lint(house.operator, "main", text)
    assert [(each.line, each.column, each.field) for each in found.faults] == [
        (4, 5, "$.rules[0]"),
        (4, 13, "$.rules[0].efect"),
        (5, 21, "$.rules[1].effect"),
    ]
    assert "did you mean 'effect'?" in found.faults[1].detail
    assert (found.warnings, found.refusal, found.difference) == ((), None, None)


async def test_a_text_that_is_right_comes_with_what_it_changes_and_what_is_worth_a_look(house: StaffedHub) -> None:
    first = await house.hub.policies.lint(house.operator, "main", ALLOW)
    assert first.difference is not None
    assert "This is the first policy" in "".join(first.difference.other)
    assert [(each.code, each.line) for each in first.warnings] == [("default_allows", 1)]
    await publish(house, DENY)
    found = await house.hub.policies.lint(house.operator, "main", rules("id: a, effect: allow, action: pay"))
    assert found.difference is not None
    assert (found.faults, found.refusal, len(found.difference.allowed)) == ((), None, 1)
    assert "pay" in found.difference.allowed[0]
    same = await house.hub.policies.lint(house.operator, "main", DENY)
    assert same.difference is not None
    assert same.difference.empty


async def test_a_team_that_no_agent_is_in_is_worth_a_look_until_one_is(house: StaffedHub) -> None:
    text, label = rules("id: a, effect: deny, action: pay, where: {team: shop}"), house.hub.policies.label_agents
    await label(house.operator, house.bot.agent_id, teams=["shops"], project=None, environment=None)
    [warned] = (await house.hub.policies.lint(house.operator, "main", text)).warnings
    assert (warned.code, warned.detail) == ("team_unknown", "no agent is in the team 'shop'; did you mean 'shops'?")
    await label(house.operator, house.bot.agent_id, teams=["shop"], project=None, environment=None)
    assert (await house.hub.policies.lint(house.operator, "main", text)).warnings == ()
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    assert len((await house.hub.policies.lint(house.operator, "main", text)).warnings) == 1


async def test_a_text_that_names_who_is_not_here_is_refused_as_publishing_would(house: StaffedHub) -> None:
    nobody = rules("id: a, effect: allow, action: pay, approval: {quorum: {of: ['group:finance']}}")
    found = await house.hub.policies.lint(house.operator, "main", nobody)
    with pytest.raises(Invalid) as refused:
        await publish(house, nobody)
    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.detail) == (refused.value.code, refused.value.detail)
    elsewhere = await house.hub.policies.lint(house.operator, "main", DENY, binding=Binding("agent", "agt_nobody"))
    assert elsewhere.refusal is not None


async def test_a_name_that_cannot_be_and_who_may_not_read_policies_are_refused(house: StaffedHub) -> None:
    with pytest.raises(Invalid):
        await house.hub.policies.lint(house.operator, "../main", DENY)
    with pytest.raises(Forbidden):
        await house.hub.policies.lint((await house.person("Ada")).credential, "main", DENY)
    assert await house.rows("SELECT name FROM policies") == []
