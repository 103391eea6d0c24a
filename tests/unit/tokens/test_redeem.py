"""Spending an approval token: once, by whom it was made for, for exactly what was approved."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import DAY, MINUTE, SECOND, to_text
from approvals_hub.core.errors import Conflict, Invalid, Unauthenticated
from approvals_hub.tokens.possession import POP_WINDOW
from approvals_hub_client.keys import Ed25519SigningKey
from tests.unit.hub_fixture import StaffedHub, code_of


async def test_an_approved_action_is_redeemed_with_a_proof(house: StaffedHub) -> None:
    token = await house.bot.approved()
    redeemed = await token.redeem()
    assert (redeemed.jti, redeemed.escalation_id, redeemed.repeated) == (token.jti, token.escalation_id, False)
    assert house.hub.verify_proof(redeemed.proof_token, audience="db.example.com", action=token.action).valid


async def test_a_second_redemption_is_refused_and_says_when_the_first_was(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem("run-1")
    when = to_text(house.time.now)
    house.time.now += SECOND
    with pytest.raises(Conflict) as refused:
        await token.redeem("run-2")
    assert (code_of(refused.value), refused.value.extra["redeemed_at"]) == ("already_redeemed", when)


async def test_the_winner_gets_the_same_answer_again(house: StaffedHub) -> None:
    token = await house.bot.approved()
    redemption = token.redemption()
    first = await house.hub.redeem(redemption)
    again = await house.hub.redeem(redemption)
    assert again.repeated
    assert (again.proof_token, again.redeemed_at) == (first.proof_token, first.redeemed_at)


async def test_a_lost_answer_is_given_again_after_the_token_has_expired(house: StaffedHub) -> None:
    token = await house.bot.approved()
    redemption = token.redemption()
    first = await house.hub.redeem(redemption)
    house.time.now += 30 * MINUTE
    assert (await house.hub.redeem(redemption)).proof_token == first.proof_token


async def test_an_answer_of_yesterday_is_given_no_more(house: StaffedHub) -> None:
    token = await house.bot.approved()
    redemption = token.redemption()
    await house.hub.redeem(redemption)
    house.time.now += DAY + 2 * MINUTE
    with pytest.raises(Unauthenticated):
        await house.hub.redeem(redemption)


async def test_somebody_else_with_an_expired_token_that_was_spent_gets_nothing(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem("run-1")
    house.time.now += 30 * MINUTE
    with pytest.raises(Conflict):
        await token.redeem("run-2")
    with pytest.raises(Unauthenticated):
        await token.redeem("run-1", pop=token.pop("run-1", by=Ed25519SigningKey()))


async def test_an_expired_token_that_was_never_spent_is_refused(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += MINUTE + 2 * SECOND
    with pytest.raises(Unauthenticated) as refused:
        await token.redeem()
    assert code_of(refused.value) == "invalid_token"


async def test_all_tokens_of_one_approval_are_spent_by_the_first_redemption(house: StaffedHub) -> None:
    token = await house.bot.approved()
    house.time.now += 10 * SECOND
    other = (await house.bot.standing(token.escalation_id)).approval_token
    assert other is not None
    assert other != token.text
    await token.redeem("run-1", token=other)
    with pytest.raises(Conflict):
        await token.redeem("run-2")


async def test_a_spent_token_is_collected_no_more(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    assert (await house.bot.standing(token.escalation_id)).approval_token is None


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {"table": "customers", "rows": 120_001, "force": True}},
        {"payload": {"table": "customers", "rows": "120000", "force": True}},
        {"payload": {"table": "customers", "rows": 120_000, "force": 1}},
        {"payload": {"table": "customers", "rows": 120_000, "force": True, "cascade": True}},
        {"action_type": "db.drop_tables"},
        {"salt": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"principal": {"agent_id": "agt_other"}},
        {"extra": None},
    ],
)
async def test_any_change_of_the_action_after_the_approval_fails(house: StaffedHub, change: dict[str, Any]) -> None:
    token = await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await token.redeem(action={**token.action, **change})
    assert code_of(refused.value) == "action_mismatch"
    assert (await token.redeem()).jti == token.jti


async def test_the_action_without_its_salt_is_another_action(house: StaffedHub) -> None:
    token = await house.bot.approved()
    with pytest.raises(Invalid):
        await token.redeem(action={name: value for name, value in token.action.items() if name != "salt"})


@pytest.mark.parametrize("value", [float("nan"), 2**60, {1: 2}, b"x"])
async def test_an_action_without_a_canonical_form_is_refused(house: StaffedHub, value: Any) -> None:
    token = await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await token.redeem(action={**token.action, "payload": {"x": value}})
    assert code_of(refused.value) == "action_mismatch"


@pytest.mark.parametrize("audience", ["", "db.example.com.evil.example", "DB.example.com", "example.com"])
async def test_a_token_is_not_replayed_at_another_party(house: StaffedHub, audience: str) -> None:
    token = await house.bot.approved()
    with pytest.raises(Invalid) as refused:
        await token.redeem(audience=audience, pop=token.pop(audience=audience))
    assert code_of(refused.value) == "audience_mismatch"


async def test_a_stolen_token_is_worth_nothing_without_the_agents_key(house: StaffedHub) -> None:
    token = await house.bot.approved()
    for pop in (None, token.pop(by=Ed25519SigningKey())):
        with pytest.raises(Unauthenticated) as refused:
            await token.redeem(pop=pop)
        assert code_of(refused.value) == "invalid_pop"


async def test_another_agent_of_the_same_owner_redeems_nothing_of_this_one(house: StaffedHub) -> None:
    token = await house.bot.approved()
    other = await house.agent("other")
    with pytest.raises(Unauthenticated) as refused:
        await token.redeem(pop=token.pop(by=other.key))
    assert code_of(refused.value) == "invalid_pop"


@pytest.mark.parametrize(
    "change",
    [
        {"jti": "jti_other"},
        {"audience": "other.example.com"},
        {"action_hash": "sha256:" + "0" * 64},
        {"idempotency_key": "run-2"},
    ],
)
async def test_a_proof_of_possession_for_another_redemption_is_refused(
    house: StaffedHub, change: dict[str, Any]
) -> None:
    token = await house.bot.approved()
    with pytest.raises(Unauthenticated):
        await token.redeem(pop=token.pop(**change))


@pytest.mark.parametrize(
    ("away", "holds"), [(-POP_WINDOW, True), (POP_WINDOW, True), (-POP_WINDOW - 1, False), (POP_WINDOW + 1, False)]
)
async def test_a_proof_of_possession_counts_for_two_minutes(house: StaffedHub, away: int, holds: bool) -> None:
    token = await house.bot.approved()
    pop = token.pop(iat=to_text(house.time.now + away))
    if holds:
        assert not (await token.redeem(pop=pop)).repeated
    else:
        with pytest.raises(Unauthenticated):
            await token.redeem(pop=pop)


@pytest.mark.parametrize("iat", ["now", "2027-01-15", "\u0000", "2027-01-15T08:00:00"])
async def test_a_proof_of_possession_with_a_time_that_is_none_is_refused(house: StaffedHub, iat: str) -> None:
    token = await house.bot.approved()
    with pytest.raises(Unauthenticated):
        await token.redeem(pop=token.pop(iat=iat))


async def test_a_key_that_was_rotated_away_hands_over_no_token(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.change("UPDATE agent_keys SET valid_until = :now", now=house.time.now)
    with pytest.raises(Unauthenticated) as refused:
        await token.redeem()
    assert code_of(refused.value) == "invalid_pop"


async def test_other_kinds_of_tokens_are_no_approval(house: StaffedHub) -> None:
    token = await house.bot.approved()
    outcome = (await house.bot.standing(token.escalation_id)).outcome_token
    proof = (await (await house.bot.approved()).redeem()).proof_token
    for other in (outcome, proof, "", "v4.public.AAAA", token.text + "=", token.text[:-1], token.text + "\n"):
        with pytest.raises(Unauthenticated) as refused:
            await token.redeem(token=other)
        assert code_of(refused.value) == "invalid_token"


async def test_a_token_of_an_escalation_that_this_database_never_had_is_refused(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await house.change("DELETE FROM escalations")
    with pytest.raises(Unauthenticated):
        await token.redeem()


async def test_an_agent_with_an_api_key_alone_has_a_bearer_token_that_is_marked(house: StaffedHub) -> None:
    script = await house.api_key_agent()
    token = await script.approved()
    assert house.hub.mint.open_approval(token.text, house.time.now)["cnf"] is None
    assert not (await token.redeem()).repeated
    assert (await house.events("escalation.opened"))[-1]["trust"] == "api_key"


async def test_the_proof_names_the_trust_of_the_registry_and_not_what_the_agent_says(house: StaffedHub) -> None:
    for kept, profile in (("other.example.com", "LOW"), ("*.example.com", "REGULATED")):
        await house.hub.policies.relying_parties.put(house.operator, kept, "REGULATED")
        party = {"domain": "db.example.com", "trust_profile": "HIGH"}
        proof = (await (await house.bot.approved(house.bot.action(relying_party=party))).redeem(profile)).proof_token
        claims = house.hub.verify_proof(proof, audience=None, action=None).claims
        assert claims is not None
        assert claims["trust_profile"] == profile


async def test_a_redemption_is_recorded_once_and_a_refusal_too(house: StaffedHub) -> None:
    token = await house.bot.approved()
    await token.redeem()
    await token.redeem()
    with pytest.raises(Conflict):
        await token.redeem("run-2")
    [spent], [refused] = await house.events("token.redeemed"), await house.events("token.refused")
    assert (spent["detail"]["jti"], spent["signature_valid"]) == (token.jti, True)
    assert (refused["decision"], refused["detail"]["jti"]) == ("already_redeemed", token.jti)
