"""An OpenLeash agent asks people about what it was told takes people: once, about that very action."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.authorizations.ask_people import words
from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, NotFound
from approvals_hub.escalations.escalate import Opened
from tests.unit.hub_fixture import StaffedHub, code_of
from tests.unit.openleash_bot import OpenLeashBot, openleash_bot
from tests.unit.policies.kept_policies import ASK, DENY, publish, rules


async def decided(bot: OpenLeashBot, action: dict[str, Any]) -> str:
    return (await bot.house.hub.authorize(bot.credential(), action)).told.decision_id


async def ask(bot: OpenLeashBot, decision_id: str, action: Any, **more: Any) -> Opened:
    return await bot.house.hub.ask_people(bot.credential(), decision_id, action, **more)


async def refused(bot: OpenLeashBot, decision_id: str, action: Any, kind: type[HubError]) -> str:
    with pytest.raises(kind) as found:
        await ask(bot, decision_id, action)
    return code_of(found.value)


async def test_people_are_asked_when_the_agent_asks_them_and_see_its_words(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    action = bot.action()
    decision_id = await decided(bot, action)
    assert await house.rows("SELECT id FROM escalations") == []
    opened = await ask(bot, decision_id, action, justification="needed")
    assert (opened.repeated, opened.escalation.salt, opened.escalation.trust) == (False, "", "openleash")
    assert (await house.hub.wait.question(bot.credential(), opened.escalation.id)).justification == "needed"
    again = await ask(bot, decision_id, action, justification="other words")
    assert (again.repeated, again.escalation.id) == (True, opened.escalation.id)
    [entry] = await house.events("escalation.opened")
    assert entry["detail"]["decision_id"] == decision_id


async def test_the_same_decision_many_times_at_once_asks_once(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    action = bot.action()
    decision_id = await decided(bot, action)
    told = await asyncio.gather(*(ask(bot, decision_id, action) for _ in range(10)))
    assert len({one.escalation.id for one in told}) == 1
    assert sum(not one.repeated for one in told) == 1


async def test_an_approval_never_overrides_what_is_denied_when_people_would_be_asked(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    kept = await publish(house, ASK)
    action = bot.action()
    decision_id = await decided(bot, action)
    await publish(house, DENY, version=kept.version)
    assert await refused(bot, decision_id, action, Forbidden) == "policy_denies"
    assert await house.rows("SELECT id FROM escalations") == []


async def test_a_decision_of_before_yesterday_asks_nobody(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    action = bot.action()
    decision_id = await decided(bot, action)
    house.time.now += DAY
    assert await refused(bot, decision_id, action, NotFound) == "decision_unknown"


async def test_a_decision_that_denies_or_allows_asks_nobody(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    await publish(house, rules("id: buy, effect: allow, action: purchase"))
    for action in (bot.action(), bot.action(action_type="email.send")):
        assert await refused(bot, await decided(bot, action), action, Conflict) == "decision_asks_nobody"


async def test_no_action_is_asked_about_that_is_none(house: StaffedHub) -> None:
    bot = await openleash_bot(house)
    assert await refused(bot, "dcn_1", {}, Invalid) == "invalid_action"
    assert [entry["decision"] for entry in await house.events("action.refused")] == ["invalid_action"]


@pytest.mark.parametrize(
    ("justification", "context", "shown"),
    [
        (None, None, None),
        ("", {}, None),
        ("  why ", None, "why"),
        (None, {"a": 1}, '{"a":1}'),
        ("why", {"a": 1}, 'why {"a":1}'),
        ("x" * 280, None, "x" * 280),
        ("x" * 281, None, "x" * 279 + "…"),
    ],
)
def test_an_agents_words_are_shown_and_cut_where_they_are_too_many(
    justification: str | None, context: dict[str, Any] | None, shown: str | None
) -> None:
    assert words(justification, context) == shown
