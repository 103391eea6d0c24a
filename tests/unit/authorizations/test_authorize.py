"""One call before any risky action."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.authorizations.told import Authorized
from approvals_hub.core.clock import DAY, HOUR, MINUTE
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, Unauthenticated
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from tests.unit.hub_actors import Bot
from tests.unit.hub_fixture import AUDIENCE, PUBLIC_URL, StaffedHub
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules

PROVEN = "id: buy, effect: allow, action: purchase, proof: {required: true}"
LIMITED = rules(
    "id: buy, effect: allow, action: purchase, proof: {required: true},"
    " spend: {limit: 300, currency: USD, window: day, per: org, above: deny}"
)


PROOF_WANTED = rules("id: buy, effect: allow, action: '*', proof: {required: true}, counterparty_proof: required")


async def known(house: StaffedHub) -> None:
    """Proofs of this very hub count under the name that every action here has as its audience."""
    await house.hub.keep_trusted_hubs.add(
        house.operator, house.org_id, name="This hub", issuer=PUBLIC_URL, audiences=(AUDIENCE,)
    )


def purchase(bot: Bot, amount: int = 100, **changes: Any) -> dict[str, Any]:
    return bot.action(action_type="purchase", payload={"amount_minor": amount, "currency": "USD"}, **changes)


async def authorize(bot: Bot, action: dict[str, Any] | None = None, **more: Any) -> Authorized:
    return await bot.house.hub.authorize(bot.credential(), purchase(bot) if action is None else action, **more)


async def test_what_a_policy_allows_is_allowed_with_a_proof_that_verifies(house: StaffedHub) -> None:
    made = await publish(house, rules(PROVEN))
    action = purchase(house.bot)
    found = await authorize(house.bot, action)
    assert (found.told.decision.decision, found.escalation, found.repeated) == ("ALLOW", None, False)
    assert found.told.proof_token is not None
    salted = {"salt": found.told.salt, **action}
    verified = house.hub.verify_proof(found.told.proof_token, audience=AUDIENCE, action=salted)
    assert verified.valid
    assert verified.claims is not None
    assert {name: verified.claims[name] for name in ("decision", "policy_id", "matched_rule_id", "jti", "acr")} == {
        "decision": "ALLOW",
        "policy_id": made.policy_id,
        "matched_rule_id": "buy",
        "jti": found.told.proof_jti,
        "acr": None,
    }
    changed = {**salted, "payload": {"amount_minor": 1, "currency": "USD"}}
    assert not house.hub.verify_proof(found.told.proof_token, audience=AUDIENCE, action=changed).valid


async def test_no_proof_is_given_where_none_is_due(house: StaffedHub) -> None:
    await publish(house, ALLOW)
    assert (await authorize(house.bot)).told.proof_token is None


@pytest.mark.parametrize(
    ("ttl", "lives"), [("", 5 * MINUTE), (", ttl_seconds: 60", MINUTE), (", ttl_seconds: 99999", HOUR)]
)
async def test_a_proof_lives_as_long_as_the_rule_says_and_an_hour_at_most(
    house: StaffedHub, ttl: str, lives: int
) -> None:
    await publish(house, rules(f"id: buy, effect: allow, action: '*', proof: {{required: true{ttl}}}"))
    assert (await authorize(house.bot)).told.proof_expires_at == house.time.now + lives


async def test_what_a_policy_denies_is_an_answer_and_nobody_is_asked(house: StaffedHub) -> None:
    made = await publish(house, DENY)
    found = await authorize(house.bot)
    assert (found.told.decision.decision, found.told.decision.code) == ("DENY", "default")
    assert (found.escalation, found.told.proof_token) == (None, None)
    [entry] = await house.events("action.authorized")
    assert (entry["decision"], entry["policy_id"], entry["detail"]["policy_version"]) == ("DENY", made.policy_id, 1)


async def test_where_it_takes_people_they_are_asked_in_the_same_call(house: StaffedHub) -> None:
    await publish(house, rules("id: buy, effect: allow, action: '*', approval: {number_match: 6}"))
    action = purchase(house.bot)
    found = await authorize(house.bot, action, justification="the team needs it")
    assert found.told.decision.decision == "REQUIRE_APPROVAL"
    assert found.escalation is not None
    assert (found.escalation.asked().number_match, len(found.escalation.match_code or "")) == (6, 6)
    assert (found.told.action_hash, found.told.salt) == (found.escalation.action_hash, found.escalation.salt)
    standing = await house.bot.standing(found.escalation.id)
    assert standing.escalation.open


async def test_without_a_policy_people_are_asked(house: StaffedHub) -> None:
    found = await authorize(house.bot)
    assert (found.told.decision.decision, found.told.decision.code) == ("REQUIRE_APPROVAL", "no_policy")
    assert found.escalation is not None


async def test_a_step_up_and_an_approval_must_both_hold(house: StaffedHub) -> None:
    rule = (
        "id: buy, effect: allow, action: '*', requirements: {min_assurance_level: SUBSTANTIAL},"
        " obligations: [{type: HUMAN_APPROVAL}]"
    )
    await publish(house, rules(rule))
    action = purchase(house.bot)
    action["payload"]["assurance_level"] = "HIGH"
    found = await authorize(house.bot, action)
    assert {each.type for each in found.told.decision.obligations} == {"HUMAN_APPROVAL", "STEP_UP_AUTH"}
    assert found.escalation is not None
    assert found.escalation.asked().min_assurance == "SUBSTANTIAL"


async def test_the_same_action_gets_the_same_answer_and_is_counted_once(house: StaffedHub) -> None:
    await publish(house, LIMITED)
    action = purchase(house.bot, 200)
    first, second = await authorize(house.bot, action), await authorize(house.bot, action)
    assert (second.told, second.repeated) == (first.told, True)
    assert (await authorize(house.bot, purchase(house.bot, 100))).told.decision.decision == "ALLOW"
    assert (await authorize(house.bot, purchase(house.bot, 1))).told.decision.decision == "DENY"
    # An action of another id is another action.
    assert (await authorize(house.bot, {**action, "action_id": "other"})).told.decision.decision == "DENY"


async def test_the_same_question_is_answered_as_it_stands(house: StaffedHub) -> None:
    await publish(house, ASK)
    action = purchase(house.bot)
    first = await authorize(house.bot, action)
    assert first.escalation is not None
    await house.owner.answer(first.escalation.id)
    again = await authorize(house.bot, action)
    assert again.escalation is not None
    assert (again.escalation.id, again.escalation.state, again.told) == (first.escalation.id, "approved", first.told)


async def test_an_answer_does_not_outlive_the_policy_that_gave_it_nor_a_day(house: StaffedHub) -> None:
    await publish(house, ALLOW)
    action = purchase(house.bot)
    assert (await authorize(house.bot, action)).told.decision.decision == "ALLOW"
    await publish(house, DENY, version=1)
    assert (await authorize(house.bot, action)).told.decision.decision == "DENY"
    await publish(house, ALLOW, version=2)
    first = await authorize(house.bot, action)
    assert (first.told.decision.decision, first.repeated) == ("ALLOW", False)
    house.time.now += DAY + 1
    with pytest.raises(Invalid):  # it was asked for too long ago
        await authorize(house.bot, {**action, "action_id": "later"})


async def test_an_answer_does_not_outlive_what_is_said_of_the_agent(house: StaffedHub) -> None:
    await publish(house, rules("id: a, effect: allow, action: '*', where: {environment: [dev]}"))
    label, bot = house.hub.policies.label_agents, house.bot
    action = purchase(bot)
    await label(house.operator, bot.agent_id, teams=[], project=None, environment="dev")
    assert (await authorize(bot, action)).told.decision.decision == "ALLOW"
    await label(house.operator, bot.agent_id, teams=[], project=None, environment="prod")
    assert (await authorize(bot, action)).told.decision.decision == "DENY"


async def test_two_hundred_parallel_calls_do_not_pass_a_limit_together(house: StaffedHub) -> None:
    await publish(house, LIMITED)
    bots = [await house.agent() for _ in range(4)]
    hubs = [house.hub] if house.place.database.startswith("sqlite:") else [house.hub, await house.another_process()]

    async def call(number: int) -> str:
        bot = bots[number % len(bots)]
        found = await hubs[number % len(hubs)].authorize(bot.credential(), purchase(bot))
        return found.told.decision.decision

    given = await asyncio.gather(*(call(number) for number in range(200)))
    assert (given.count("ALLOW"), given.count("DENY")) == (3, 197)


async def test_an_agent_releases_no_limit_by_reporting_that_what_it_was_allowed_has_failed(house: StaffedHub) -> None:
    await publish(house, LIMITED)
    action = purchase(house.bot, 300)
    found = await authorize(house.bot, action)
    proof = {"detail": None, "proof_token": str(found.told.proof_token)}
    jti = str(found.told.proof_jti)
    with pytest.raises(Unauthenticated):
        await house.hub.report(jti, status="failed", detail=None, proof_token="v4.public.forged")
    reported = await house.hub.report(jti, status="failed", **proof)
    assert await house.hub.report(jti, status="failed", **proof) == reported
    with pytest.raises(Conflict):
        await house.hub.report(jti, status="done", **proof)
    assert (await authorize(house.bot, purchase(house.bot, 1))).told.decision.decision == "DENY"
    assert (await authorize(house.bot, action)).repeated


async def test_the_id_of_a_decision_leads_from_the_call_to_the_proof_and_the_report(house: StaffedHub) -> None:
    await publish(house, rules(PROVEN))
    told = (await authorize(house.bot)).told
    proof = str(told.proof_token)
    await house.hub.report(str(told.proof_jti), status="done", detail=None, proof_token=proof)
    entries = [*await house.events("action.authorized"), *await house.events("token.reported")]
    named = [loads(paseto.unverified(proof))["decision_id"], *(entry["detail"]["decision_id"] for entry in entries)]
    assert named == [told.decision_id] * 3


async def test_the_same_answer_has_a_fresh_proof_of_the_same_where_its_proof_has_expired(house: StaffedHub) -> None:
    await publish(house, rules(PROVEN))
    action = purchase(house.bot)
    first = await authorize(house.bot, action)
    house.time.now += 6 * MINUTE
    again = await authorize(house.bot, action)
    assert (again.repeated, again.told.decision_id, again.told.proof_jti) == (
        True,
        first.told.decision_id,
        first.told.proof_jti,
    )
    salted = {"salt": again.told.salt, **action}
    assert house.hub.verify_proof(str(again.told.proof_token), audience=AUDIENCE, action=salted).valid
    assert not house.hub.verify_proof(str(first.told.proof_token), audience=AUDIENCE, action=salted).valid


async def test_what_an_agent_says_of_its_counterparty_is_nothing_that_the_hub_signs(house: StaffedHub) -> None:
    await publish(house, rules(PROVEN))
    party = {"domain": AUDIENCE, "trust_profile": "REGULATED"}
    found = await authorize(house.bot, purchase(house.bot, relying_party=party))
    assert loads(paseto.unverified(str(found.told.proof_token)))["trust_profile"] == "LOW"


@pytest.mark.parametrize("beside", ["", ", {type: HUMAN_APPROVAL}"])
async def test_a_deposit_holds_back_whatever_else_is_owed_beside_it(house: StaffedHub, beside: str) -> None:
    await publish(house, rules(f"id: a, effect: allow, action: '*', obligations: [{{type: DEPOSIT}}{beside}]"))
    found = await authorize(house.bot)
    assert (found.told.decision.decision, found.escalation, found.told.proof_token) == ("REQUIRE_DEPOSIT", None, None)


async def test_the_same_open_question_does_not_count_against_itself(house: StaffedHub) -> None:
    rule = LIMITED.replace("}\n", ", approval: {reason: optional}}\n")
    await publish(house, rule)
    action = purchase(house.bot, 300)
    first = await authorize(house.bot, action)
    await publish(house, rule + "# again\n", version=1)
    again = await authorize(house.bot, action)
    assert first.escalation is not None
    assert again.escalation is not None
    assert (again.escalation.id, again.repeated) == (first.escalation.id, False)


async def test_a_question_and_an_answer_share_one_limit(house: StaffedHub) -> None:
    await publish(house, LIMITED)
    await house.bot.ask(purchase(house.bot, 200))
    assert (await authorize(house.bot, purchase(house.bot, 200))).told.decision.decision == "DENY"
    assert (await authorize(house.bot, purchase(house.bot, 100))).told.decision.decision == "ALLOW"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"principal": {"agent_id": "agt_other"}}, "principal_mismatch"),
        ({"subject": {"principal_id": "per_stranger"}}, "subject_not_allowed"),
        ({"action_type": "hub.policy.publish"}, "reserved_action"),
        ({"payload": "none"}, "invalid_action"),
    ],
)
async def test_an_action_of_somebody_else_is_no_action_of_this_agent(
    house: StaffedHub, changes: dict[str, Any], code: str
) -> None:
    await publish(house, ALLOW)
    with pytest.raises(HubError) as refused:
        await authorize(house.bot, purchase(house.bot) | changes)
    assert refused.value.code == code
    [entry] = await house.events("action.refused")
    assert entry["decision"] == code


async def test_a_stopped_organisation_and_a_paused_agent_are_allowed_nothing(house: StaffedHub) -> None:
    await publish(house, ALLOW)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "paused")
    with pytest.raises(Forbidden):
        await authorize(house.bot)


async def test_the_database_holds_no_unsalted_hash_of_an_action_and_no_answer_in_the_clear(house: StaffedHub) -> None:
    await publish(house, LIMITED)
    await authorize(house.bot)
    [row] = await house.rows("SELECT plain_hash, answer FROM authorizations")
    assert row["plain_hash"].startswith("hmac-sha256:")
    assert b"proof_token" not in bytes(row["answer"])
