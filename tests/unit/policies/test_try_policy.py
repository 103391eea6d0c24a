"""The playground: the engine that decides, with no effect."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Forbidden, Invalid, NotFound
from approvals_hub.policies.kept import Binding
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules

LIMIT = rules("id: buy, effect: allow, action: '*', frequency: {most: 1, window: day, per: org, above: deny}")


async def test_it_says_what_the_policies_in_force_would_decide_and_how_each_rule_came_out(house: StaffedHub) -> None:
    made = await publish(house, rules("id: drop, effect: deny, action: 'db.*'", "id: rest, effect: allow, action: '*'"))
    tried = await house.hub.policies.tried(house.operator, house.bot.agent_id, house.bot.action())
    assert (tried.decision.decision, tried.decision.rule_id) == ("DENY", "drop")
    assert tried.decision.policy is not None
    assert tried.decision.policy.id == made.policy_id
    assert [(each["rule_id"], each["decides"]) for each in tried.trace] == [("drop", True), ("rest", False)]


async def test_a_text_is_tried_in_the_place_of_the_one_in_force(house: StaffedHub) -> None:
    await publish(house, DENY)
    action = house.bot.action()
    beside = await house.hub.policies.tried(house.operator, house.bot.agent_id, action, name="other", text=ALLOW)
    instead = await house.hub.policies.tried(house.operator, house.bot.agent_id, action, name="main", text=ALLOW)
    assert (beside.decision.decision, instead.decision.decision) == ("DENY", "ALLOW")
    elsewhere = await house.hub.policies.tried(
        house.operator, house.bot.agent_id, action, name="main", text=ALLOW, binding=Binding("group", "web")
    )
    assert elsewhere.decision.code == "no_policy"


async def test_nothing_is_reserved_by_trying_and_what_was_is_counted(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    action = house.bot.action()
    for _ in range(2):
        tried = await house.hub.policies.tried(house.operator, house.bot.agent_id, action)
        assert tried.decision.decision == "ALLOW"
    await house.bot.ask()
    tried = await house.hub.policies.tried(house.operator, house.bot.agent_id, action)
    assert (tried.decision.decision, tried.decision.code) == ("DENY", "limit")
    assert await house.rows("SELECT id FROM escalations WHERE state <> 'open'") == []


async def test_it_can_be_tried_at_another_time(house: StaffedHub) -> None:
    await publish(house, ASK)
    later = house.time.now + 40 * DAY
    with pytest.raises(Invalid):
        await house.hub.policies.tried(house.operator, house.bot.agent_id, house.bot.action(), at=later)


@pytest.mark.parametrize("at", [-1, 7_258_118_400_001, 253_402_300_799_000])
async def test_a_time_beyond_all_clocks_is_refused(house: StaffedHub, at: int) -> None:
    with pytest.raises(Invalid) as refused:
        await house.hub.policies.tried(house.operator, house.bot.agent_id, house.bot.action(), at=at)
    assert refused.value.field == "$.at"


async def test_approvers_try_nothing_and_developers_may(house: StaffedHub) -> None:
    ada, dev = await house.person("Ada"), await house.person("Dev", "developer")
    action = house.bot.action()
    assert (await house.hub.policies.tried(dev.credential, house.bot.agent_id, action)).decision.code == "no_policy"
    with pytest.raises(Forbidden):
        await house.hub.policies.tried(ada.credential, house.bot.agent_id, action)


async def test_an_agent_of_another_organisation_is_not_there(house: StaffedHub) -> None:
    action = house.bot.action()
    await house.change("UPDATE agents SET org_id = 'org_other' WHERE id = :id", id=house.bot.agent_id)
    with pytest.raises(NotFound):
        await house.hub.policies.tried(house.operator, house.bot.agent_id, action)


async def test_it_is_tried_with_what_stands_or_with_what_is_supposed_to(house: StaffedHub) -> None:
    text = rules(
        "id: frozen, effect: deny, action: '*', where: {signal: change_freeze}",
        "id: locked, effect: deny, action: '*', where: {mode: lockdown}",
        "id: calm, effect: deny, action: '*', where: {signal: hub.approver_flooded}",
        default="allow",
    )
    signals = house.hub.policies.signals

    async def tried(**more: Any) -> str | None:
        found = await house.hub.policies.tried(
            house.operator, house.bot.agent_id, house.bot.action(), name="main", text=text, **more
        )
        return found.decision.rule_id

    assert await tried() is None
    assert (await tried(signals=["change_freeze"]), await tried(mode="lockdown")) == ("frozen", "locked")
    await signals.declare(house.operator, "change_freeze", "x")
    await signals.set(house.operator, "change_freeze", "x", stays=True)
    assert (await tried(), await tried(signals=[])) == ("frozen", None)
    await house.bot.ask()
    await house.change("UPDATE prompts SET count = 50")
    await signals.clear(house.operator, "change_freeze")
    assert await tried() == "calm"
