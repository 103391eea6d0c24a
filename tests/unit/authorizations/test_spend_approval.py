"""An agent spends its own approval in the one call, and gets the proof."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.authorizations.told import Authorized
from approvals_hub.core.clock import DAY, MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated
from tests.unit.hub_actors import Bot, Token
from tests.unit.hub_fixture import AUDIENCE, StaffedHub
from tests.unit.policies.kept_policies import ASK, DENY, publish, rules


def asked(token: Token) -> dict[str, Any]:
    """The action as the agent asked it, without the hub's salt."""
    return {name: value for name, value in token.action.items() if name != "salt"}


async def spend(token: Token, by: Bot | None = None, action: dict[str, Any] | None = None) -> Authorized:
    bot = by or token.bot
    return await bot.house.hub.spend_approval(bot.credential(), asked(token) if action is None else action, token.text)


async def test_the_answer_has_the_proof_and_the_token_is_spent(house: StaffedHub) -> None:
    made = await publish(house, rules("id: drop, effect: allow, action: 'db.*', approval: {reason: optional}"))
    token = await house.bot.approved()
    found = await spend(token)
    assert (found.told.decision.decision, found.told.decision.code, found.repeated) == ("ALLOW", "approved", False)
    assert found.told.decision.policy is not None
    assert (found.told.decision.policy.id, found.told.decision.rule_id) == (made.policy_id, "drop")
    assert found.escalation is not None
    assert found.escalation.token_state == "redeemed"
    verified = house.hub.verify_proof(str(found.told.proof_token), audience=AUDIENCE, action=token.action)
    assert verified.claims is not None
    assert (verified.claims["escalation_id"], verified.claims["matched_rule_id"]) == (token.escalation_id, "drop")
    with pytest.raises(Conflict):
        await house.hub.redeem(token.redemption())


async def test_the_same_token_again_gets_the_same_proof_for_a_day(house: StaffedHub) -> None:
    token = await house.bot.approved()
    first, second = await asyncio.gather(spend(token), spend(token))
    assert first.told == second.told
    assert sorted((first.repeated, second.repeated)) == [False, True]
    house.time.now += 5 * MINUTE
    assert (await spend(token)).told == first.told
    house.time.now += DAY
    with pytest.raises(HubError):
        await spend(token)


async def test_a_token_that_an_executor_spent_is_not_spent_by_its_agent_again(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.hub.redeem(token.redemption())
    with pytest.raises(Conflict):
        await spend(token)


async def test_another_agent_spends_nothing_with_a_token_that_it_has_got_hold_of(house: StaffedHub) -> None:
    token, thief = await house.bot.approved(), await house.agent()
    action = {**asked(token), "principal": {"agent_id": thief.agent_id}}
    with pytest.raises(Forbidden) as refused:
        await spend(token, thief, action)
    assert refused.value.code == "token_of_another"
    [entry] = await house.events("action.refused")
    assert (entry["agent_id"], entry["decision"]) == (thief.agent_id, "token_of_another")
    assert not (await spend(token)).repeated


async def test_a_request_signed_with_another_key_of_the_agent_spends_no_token_of_the_first(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.change("UPDATE agent_keys SET thumbprint = 'another' WHERE agent_id = :id", id=house.bot.agent_id)
    with pytest.raises(Unauthenticated) as refused:
        await spend(token)
    assert refused.value.code == "invalid_pop"


async def test_another_action_is_not_what_people_approved(house: StaffedHub) -> None:
    token = await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await spend(token, action={**asked(token), "payload": {"table": "orders"}})
    assert refused.value.code == "action_mismatch"
    assert not (await spend(token)).repeated


async def test_a_proof_or_a_forged_text_is_no_approval(house: StaffedHub) -> None:
    token = await house.bot.approved()
    action, proof = asked(token), (await spend(token)).told.proof_token
    for text in (str(proof), token.text[:-4] + "AAAA", "v4.public.none"):
        with pytest.raises(Unauthenticated):
            await house.hub.spend_approval(house.bot.credential(), action, text)


async def test_what_a_policy_denies_by_now_is_not_spent(house: StaffedHub) -> None:
    await publish(house, ASK)
    token = await house.bot.approved()
    await publish(house, DENY, version=1)
    with pytest.raises(Conflict) as refused:
        await spend(token)
    assert refused.value.code == "policy_denies"


async def test_an_agent_with_an_api_key_spends_its_own_too(house: StaffedHub) -> None:
    token = await (await house.api_key_agent()).approved()
    assert (await spend(token)).told.proof_token is not None


async def test_an_agent_that_spent_its_own_approval_releases_no_limit_by_reporting_a_failure(house: StaffedHub) -> None:
    limited = "spend: {limit: 300, currency: USD, window: day, per: org, above: deny}"
    await publish(house, rules(f"id: buy, effect: allow, action: '*', {limited}, approval: {{reason: optional}}"))
    bot, payload = house.bot, {"amount_minor": 300, "currency": "USD"}
    token = await bot.approved(bot.action(payload=payload))
    proof = str((await spend(token)).told.proof_token)
    await house.hub.report(token.jti, status="failed", detail=None, proof_token=proof)
    with pytest.raises(Forbidden) as refused:
        await bot.ask(bot.action(payload=payload))
    assert refused.value.extra["reason"] == "limit"
