"""What policies in force do to questions and to their tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import Conflict, Forbidden, HubError
from approvals_hub.policies.kept import Binding
from tests.unit.hub_actors import Bot, Token
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules

BUY = "id: buy, effect: allow, action: purchase"


def purchase(bot: Bot, amount: int = 100, currency: str = "USD", **changes: Any) -> dict[str, Any]:
    payload = {"amount_minor": amount, "currency": currency}
    return bot.action(action_type="purchase", payload=payload, **changes)


async def test_where_there_never_was_a_policy_people_are_asked_as_the_organisation_says(house: StaffedHub) -> None:
    opened = await house.bot.ask()
    assert (opened.escalation.open, opened.escalation.policy) == (True, None)


async def test_people_are_not_asked_about_what_a_policy_denies(house: StaffedHub) -> None:
    made = await publish(house, rules("id: never, effect: deny, action: 'db.*'", default="require_approval"))
    with pytest.raises(Forbidden) as refused:
        await house.bot.ask()
    assert refused.value.code == "policy_denies"
    assert refused.value.extra == {
        "reason": "rule",
        "rule_id": "never",
        "policy_id": made.policy_id,
        "policy_version": 1,
    }
    [entry] = await house.events("escalation.refused")
    assert (entry["policy_id"], entry["detail"]["rule_id"]) == (made.policy_id, "never")


async def test_an_organisation_whose_policies_hold_for_others_alone_denies(house: StaffedHub) -> None:
    await publish(house, ASK, binding=Binding("group", "web"))
    with pytest.raises(Forbidden) as refused:
        await house.bot.ask()
    assert refused.value.extra["reason"] == "no_policy"


async def test_without_the_last_policy_people_are_asked_about_everything_again(house: StaffedHub) -> None:
    await publish(house, DENY)
    await house.hub.policies.keep.remove(house.operator, "main", version=1)
    assert (await house.bot.ask()).escalation.policy is None


async def test_a_question_keeps_the_policy_that_asked_and_its_token_and_proof_name_it(house: StaffedHub) -> None:
    made = await publish(house, rules("id: drop, effect: allow, action: 'db.*', approval: {reason: optional}"))
    token = await house.bot.approved()
    redeemed = await house.hub.redeem(token.redemption())
    claims = house.hub.verify_proof(redeemed.proof_token, audience=None, action=None).claims
    assert claims is not None
    assert (claims["policy_id"], claims["matched_rule_id"]) == (made.policy_id, "drop")
    [opened] = await house.events("escalation.opened")
    assert opened["policy_id"] == made.policy_id


async def test_what_a_policy_asks_of_people_is_frozen_with_the_question(house: StaffedHub) -> None:
    rule = "id: a, effect: allow, action: '*', approval: {quorum: 2, number_match: 6, time_lock: 5m, expires_in: 1h}"
    await publish(house, rules(rule))
    for name in ("Ada", "Bo"):
        await house.person(name)
    asked = (await house.bot.ask()).escalation.asked()
    assert (asked.approvals, asked.number_match, asked.wait) == (2, 6, 300)


async def test_a_policy_never_asks_less_than_the_organisation_does(house: StaffedHub) -> None:
    for name in ("Ada", "Bo"):
        await house.person(name)
    await house.require(approvals=2, reason="required")
    await publish(house, rules("id: a, effect: allow, action: '*', approval: {quorum: 1, reason: optional}"))
    asked = (await house.bot.ask()).escalation.asked()
    assert (asked.approvals, asked.reason) == (2, "required")


async def test_a_step_up_that_the_payload_claims_is_asked_for_all_the_same(house: StaffedHub) -> None:
    rule = "id: a, effect: allow, action: '*', requirements: {min_assurance_level: SUBSTANTIAL}"
    await publish(house, rules(rule))
    action = house.bot.action(payload={"assurance_level": "HIGH"})
    assert (await house.bot.ask(action)).escalation.asked().min_assurance == "SUBSTANTIAL"


async def test_an_approval_does_not_outlive_a_policy_that_denies_by_now(house: StaffedHub) -> None:
    await publish(house, ASK)
    token = await house.bot.approved()
    await publish(house, DENY, version=1)
    with pytest.raises(Conflict) as refused:
        await house.hub.redeem(token.redemption())
    assert refused.value.code == "policy_denies"
    await publish(house, ASK, version=2)
    assert not (await house.hub.redeem(token.redemption())).repeated


async def test_the_same_open_question_is_no_way_around_a_policy_that_denies_by_now(house: StaffedHub) -> None:
    await publish(house, ASK)
    action = house.bot.action()
    await house.bot.ask(action)
    await publish(house, DENY, version=1)
    with pytest.raises(Forbidden):
        await house.bot.ask(action)


async def test_a_revision_is_no_way_around_a_policy(house: StaffedHub) -> None:
    await publish(house, rules("id: never, effect: deny, action: purchase", default="require_approval"))
    opened = await house.bot.ask()
    with pytest.raises(Forbidden):
        await house.hub.revise(
            house.bot.credential(), opened.escalation.id, house.bot.asking(purchase(house.bot), expires_in=900)
        )
    assert (await house.bot.standing(opened.escalation.id)).escalation.open


async def test_the_layers_of_an_agent_come_before_those_of_its_team_and_of_all(house: StaffedHub) -> None:
    bot = house.bot
    await publish(house, DENY, "all")
    with pytest.raises(Forbidden):
        await bot.ask()
    await publish(house, ASK, "team", binding=Binding("group", "web"))
    with pytest.raises(Forbidden):
        await bot.ask()
    await house.hub.policies.label_agents(house.operator, bot.agent_id, teams=["web"], project=None, environment=None)
    assert (await bot.ask()).escalation.open
    await publish(house, DENY, "one", binding=Binding("agent", bot.agent_id))
    with pytest.raises(Forbidden):
        await bot.ask()


async def test_rules_select_by_the_organisations_word_about_the_agent(house: StaffedHub) -> None:
    await publish(house, rules("id: prod, effect: deny, action: '*', where: {environment: [prod]}", default="allow"))

    async def label(environment: str) -> None:
        await house.hub.policies.label_agents(
            house.operator, house.bot.agent_id, teams=[], project=None, environment=environment
        )

    with pytest.raises(Forbidden):  # of an agent of which nothing is said, a rule that denies takes the worse
        await house.bot.ask()
    await label("dev")
    assert (await house.bot.ask()).escalation.open
    await label("prod")
    with pytest.raises(Forbidden):
        await house.bot.ask()


LIMIT = rules(
    BUY + ", spend: {limit: 300, currency: USD, window: day, per: org, above: deny, name: cards},"
    " approval: {reason: optional}"
)


async def spent(bot: Bot, amount: int = 100) -> str:
    """What comes of asking to spend so much."""
    try:
        return (await bot.ask(purchase(bot, amount))).escalation.id
    except HubError as refusal:
        return refusal.code


async def test_parallel_questions_do_not_pass_a_limit_together(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    bots = [await house.agent() for _ in range(8)]
    hubs = [house.hub] if house.place.database.startswith("sqlite:") else [house.hub, await house.another_process()]

    async def ask(number: int) -> str:
        bot = bots[number]
        try:
            asked = await hubs[number % len(hubs)].escalate(bot.credential(), bot.asking(purchase(bot)))
        except HubError as refusal:
            return refusal.code
        return asked.escalation.state

    given = await asyncio.gather(*(ask(number) for number in range(len(bots))))
    assert sorted(given) == ["open"] * 3 + ["policy_denies"] * 5


async def test_what_was_reserved_is_released_by_a_denial_an_end_and_a_failure(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    await house.hub.set_limits(house.operator, {"back_off": False})
    bot = house.bot
    held = await spent(bot, 300)
    assert await spent(bot) == "policy_denies"
    await house.owner.answer(held, "deny")
    held = await spent(bot, 300)
    assert held.startswith("esc_")
    await house.hub.withdraw(bot.credential(), held)
    token = await bot.approved(purchase(bot, 300))
    assert await spent(bot) == "policy_denies"
    redeemed = await house.hub.redeem(token.redemption())
    assert await spent(bot) == "policy_denies"
    await house.hub.report(redeemed.jti, status="failed", detail=None, proof_token=redeemed.proof_token)
    assert (await spent(bot, 300)).startswith("esc_")


async def test_what_was_spent_counts_until_its_window_has_passed(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    token = await house.bot.approved(purchase(house.bot, 300))
    await house.hub.redeem(token.redemption())
    house.time.now += 23 * HOUR
    assert await spent(house.bot) == "policy_denies"
    house.time.now += 2 * HOUR
    assert (await spent(house.bot)).startswith("esc_")


async def test_questions_left_open_are_not_spent_together_in_a_later_window(house: StaffedHub) -> None:
    hourly = LIMIT.replace("window: day", "window: hour")
    await publish(house, hourly)
    first = (await house.bot.ask(purchase(house.bot, 300), expires_in=6 * 3600)).escalation.id
    house.time.now += 2 * HOUR
    assert await spent(house.bot) == "policy_denies"
    await house.owner.answer(first)
    standing = await house.bot.standing(first)
    assert standing.approval_token is not None
    assert await spent(house.bot) == "policy_denies"


async def test_what_was_redeemed_late_counts_from_its_redemption(house: StaffedHub) -> None:
    await publish(house, LIMIT.replace("window: day", "window: hour"))
    action = purchase(house.bot, 300)
    opened = await house.bot.ask(action, expires_in=6 * 3600)
    house.time.now += 2 * HOUR
    await house.owner.answer(opened.escalation.id)
    standing = await house.bot.standing(opened.escalation.id)
    full = {"salt": standing.escalation.salt, **action}
    token = Token(house.bot, opened.escalation.id, str(standing.approval_token), str(standing.escalation.jti), full)
    await house.hub.redeem(token.redemption())
    assert await spent(house.bot) == "policy_denies"
    house.time.now += HOUR + 1
    assert (await spent(house.bot)).startswith("esc_")


async def test_people_are_not_asked_for_what_a_deposit_is_owed_first(house: StaffedHub) -> None:
    rule = "id: a, effect: allow, action: '*', obligations: [{type: DEPOSIT}, {type: HUMAN_APPROVAL}]"
    await publish(house, ASK)
    token = await house.bot.approved()
    await publish(house, rules(rule), version=1)
    with pytest.raises(Forbidden) as refused:
        await house.bot.ask()
    assert refused.value.code == "deposit_owed"
    with pytest.raises(Conflict) as spending:
        await house.hub.redeem(token.redemption())
    assert spending.value.code == "deposit_owed"


async def test_an_older_weaker_question_is_no_answer_to_a_stricter_policy(house: StaffedHub) -> None:
    for name in ("Ada", "Bo"):
        await house.person(name)
    await publish(house, ASK)
    action = house.bot.action()
    opened = await house.bot.ask(action)
    await publish(house, rules("id: a, effect: allow, action: '*', approval: {quorum: 2}"), version=1)
    with pytest.raises(Conflict) as refused:
        await house.bot.ask(action)
    assert (refused.value.code, refused.value.extra) == ("open_with_less", {"escalation_id": opened.escalation.id})


async def test_a_revision_counts_once_against_a_limit(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    bot = house.bot
    first = await bot.ask(purchase(bot, 300))
    revised = await house.hub.revise(bot.credential(), first.escalation.id, bot.asking(purchase(bot, 200)))
    assert revised.escalation.open
    assert (await spent(bot)).startswith("esc_")
    assert await spent(bot) == "policy_denies"


async def test_the_same_open_question_is_reserved_once(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    action = purchase(house.bot, 300)
    first = await house.bot.ask(action)
    assert (await house.bot.ask(action)).escalation.id == first.escalation.id
    assert (await house.hub.withdraw(house.bot.credential(), first.escalation.id)).state == "withdrawn"
    assert (await spent(house.bot, 300)).startswith("esc_")


async def test_a_currency_without_a_limit_is_not_spent_without_one(house: StaffedHub) -> None:
    await publish(house, LIMIT)
    with pytest.raises(Forbidden):
        await house.bot.ask(purchase(house.bot, 1, "EUR"))


async def test_what_is_allowed_without_people_may_still_be_asked(house: StaffedHub) -> None:
    await publish(house, ALLOW)
    assert (await house.bot.ask()).escalation.open
