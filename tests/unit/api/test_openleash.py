"""What OpenLeash agents ask over HTTP, and what whoever stands between them and the hub cannot do."""

from __future__ import annotations

import pytest

from tests.unit.api.web_client import Reply, Web
from tests.unit.openleash_bot import OpenLeashBot, openleash_bot
from tests.unit.policies.kept_policies import ALLOW, ASK, DENY, publish, rules

AUTHORIZE, REQUESTS = "/v1/authorize", "/v1/agent/approval-requests"
PROVEN = rules("id: buy, effect: allow, action: '*', proof: {required: true}")


@pytest.fixture
async def bot(api: Web) -> OpenLeashBot:
    """An agent that joined with an invitation."""
    return await openleash_bot(api.house)


def codes(reply: Reply) -> tuple[int, str, str]:
    """The status, our code and theirs."""
    return reply.status, str(reply.json["code"]), str(reply.json["error"]["code"])


async def test_another_agent_in_the_action_than_the_one_that_signs_is_refused_and_never_in_a_proof(
    api: Web, bot: OpenLeashBot
) -> None:
    await publish(api.house, PROVEN)
    for principal in ("somebody-else", bot.agent_id):
        action = bot.action(principal={"agent_id": principal})
        reply = await bot.call(api, "POST", AUTHORIZE, action)
        assert codes(reply) == (403, "principal_mismatch", "AGENT_MISMATCH")


async def test_another_owner_in_the_action_than_the_agents_own_is_refused(api: Web, bot: OpenLeashBot) -> None:
    ada = await api.house.person("Ada")
    for subject in (ada.person_id, "6fa459ea-ee8a-4ca4-894e-db77e160355e"):
        reply = await bot.call(api, "POST", AUTHORIZE, bot.action(subject={"principal_id": subject}))
        assert codes(reply) == (403, "subject_not_allowed", "SUBJECT_NOT_ALLOWED")


async def test_an_approval_token_of_one_agent_is_spent_by_no_other(api: Web, bot: OpenLeashBot) -> None:
    await publish(api.house, ASK)
    action = bot.action()
    token = await bot.approved(api, action)
    other = await openleash_bot(api.house, "other")
    for stolen in (action, {**action, "principal": {"agent_id": "other"}}):
        reply = await other.call(api, "POST", AUTHORIZE, {**stolen, "approval_token": token})
        assert codes(reply) == (403, "token_of_another", "AGENT_MISMATCH")
    reply = await bot.call(api, "POST", AUTHORIZE, {**bot.action(), "approval_token": token})
    assert codes(reply) == (422, "action_mismatch", "ACTION_HASH_MISMATCH")
    assert (await bot.call(api, "POST", AUTHORIZE, {**action, "approval_token": token})).json["result"] == "ALLOW"
    # Whoever has the token, and no key of the agent.
    body = {"token": token, "action": action, "audience": "shop.example", "idempotency_key": "k"}
    assert (await api.call("POST", "/v1/tokens/redeem", body)).code == "invalid_pop"


async def test_what_policies_deny_is_denied_whatever_people_approved_before(api: Web, bot: OpenLeashBot) -> None:
    kept = await publish(api.house, ASK)
    action = bot.action()
    token = await bot.approved(api, action)
    await publish(api.house, DENY, version=kept.version)
    reply = await bot.call(api, "POST", AUTHORIZE, {**action, "approval_token": token})
    assert codes(reply) == (409, "policy_denies", "POLICY_DENIES")
    decision = (await bot.call(api, "POST", AUTHORIZE, action)).json
    assert (decision["result"], decision["proof_token"]) == ("DENY", None)
    body = {"decision_id": decision["decision_id"], "action": action}
    reply = await bot.call(api, "POST", REQUESTS, body)
    assert codes(reply) == (409, "decision_asks_nobody", "DECISION_ASKS_NOBODY")


async def test_a_question_about_a_decision_that_never_was_reaches_nobody(api: Web, bot: OpenLeashBot) -> None:
    action, other = bot.action(), await openleash_bot(api.house, "other")
    theirs = await other.call(api, "POST", AUTHORIZE, other.action())
    for decision_id in ("dcn_0", "anything", theirs.json["decision_id"]):
        reply = await bot.call(api, "POST", REQUESTS, {"decision_id": decision_id, "action": action})
        assert codes(reply) == (404, "decision_unknown", "NOT_FOUND")
    mine = (await bot.call(api, "POST", AUTHORIZE, action)).json["decision_id"]
    for changed in (bot.action(), {**action, "payload": {"amount_minor": 1}}):
        reply = await bot.call(api, "POST", REQUESTS, {"decision_id": mine, "action": changed})
        assert codes(reply) == (422, "action_mismatch", "ACTION_HASH_MISMATCH")
    assert await api.house.rows("SELECT id FROM escalations") == []
    assert len(await api.house.events("action.refused")) == 5


async def test_one_decision_asks_people_once_however_often_it_is_sent(api: Web, bot: OpenLeashBot) -> None:
    action = bot.action()
    decision = (await bot.call(api, "POST", AUTHORIZE, action)).json
    body = {"decision_id": decision["decision_id"], "action": action}
    first, second = [(await bot.call(api, "POST", REQUESTS, body)).json for _ in range(2)]
    assert first["approval_request_id"] == second["approval_request_id"]
    again = (await bot.call(api, "POST", AUTHORIZE, action)).json
    assert (again["decision_id"], again["approval_request_id"]) == (
        decision["decision_id"],
        first["approval_request_id"],
    )


async def test_an_approval_or_an_outcome_is_no_proof_and_a_proof_is_for_its_action_and_agent_alone(
    api: Web, bot: OpenLeashBot
) -> None:
    await publish(api.house, ASK)
    action = bot.action()
    token = await bot.approved(api, action)
    name = (await bot.call(api, "GET", REQUESTS)).json["approval_requests"][0]["approval_request_id"]
    outcome = (await bot.call(api, "GET", f"/v1/escalations/{name}")).json["outcome_token"]
    for no_proof in (token, outcome, "v4.public.AAAA", f"{token}.x"):
        said = (await api.call("POST", "/v1/verify-proof", {"token": no_proof})).json
        assert (said["valid"], said["claims"]) == (False, None)
    proof = (await bot.call(api, "POST", AUTHORIZE, {**action, "approval_token": token})).json["proof_token"]
    other = await openleash_bot(api.house, "other")
    for wanted, valid in ((bot.name, True), (bot.agent_id, True), (other.name, False), (other.agent_id, False)):
        body = {"token": proof, "expected_agent_id": wanted, "expected_action_hash": None}
        assert (await api.call("POST", "/v1/verify-proof", body)).json["valid"] is valid
    body = {"token": proof, "expected_action_hash": "0" * 64}
    assert (await api.call("POST", "/v1/verify-proof", body)).json["reason"] == "action_hash mismatch"
    body = {"token": proof, "action": action, "audience": "elsewhere.example"}
    assert (await api.call("POST", "/v1/tokens/verify", body)).json["code"] == "audience"


async def test_an_approval_that_was_not_collected_in_time_says_so_and_has_no_token(api: Web, bot: OpenLeashBot) -> None:
    action = bot.action()
    await bot.approved(api, action)
    api.house.time.now += 11 * 60_000
    [listed] = (await bot.call(api, "GET", f"{REQUESTS}?status=APPROVED&limit=1")).json["approval_requests"]
    read = (await bot.call(api, "GET", f"{REQUESTS}/{listed['approval_request_id']}")).json
    assert (read["status"], read["outcome"], read["approval_token"]) == ("APPROVED", "approved", None)


async def test_what_nobody_answers_expires_and_is_never_pending_for_ever(api: Web, bot: OpenLeashBot) -> None:
    action = bot.action()
    decision = (await bot.call(api, "POST", AUTHORIZE, action)).json
    body = {"decision_id": decision["decision_id"], "action": action}
    made = (await bot.call(api, "POST", REQUESTS, body)).json
    api.house.time.now += 16 * 60_000
    read = (await bot.call(api, "GET", f"{REQUESTS}/{made['approval_request_id']}")).json
    assert (read["status"], read["outcome"]) == ("EXPIRED", "expired_unseen")
    assert len((await bot.call(api, "GET", f"{REQUESTS}?status=EXPIRED")).json["approval_requests"]) == 1


async def test_another_agents_approval_request_does_not_exist(api: Web, bot: OpenLeashBot) -> None:
    await bot.approved(api, bot.action())
    name = (await bot.call(api, "GET", REQUESTS)).json["approval_requests"][0]["approval_request_id"]
    other = await openleash_bot(api.house, "other")
    assert codes(await other.call(api, "GET", f"{REQUESTS}/{name}")) == (404, "escalation_unknown", "NOT_FOUND")
    assert (await other.call(api, "GET", REQUESTS)).json["approval_requests"] == []


async def test_an_agent_of_our_own_signing_uses_these_operations_too(api: Web) -> None:
    bot = api.house.bot
    decision = (await api.call("POST", AUTHORIZE, {"action": (action := bot.action())}, bot)).json
    body = {"decision_id": decision["decision_id"], "action": action}
    made = await api.call("POST", REQUESTS, body, bot)
    assert made.json["approval_request_id"] == decision["escalation"]["escalation_id"]
    assert (await api.call("GET", "/v1/agent/self", who=bot)).json["agent_id"] == bot.agent_id


async def test_a_paused_agent_asks_nothing_and_may_look(api: Web, bot: OpenLeashBot) -> None:
    await publish(api.house, ALLOW)
    await api.house.hub.govern.set_agent_state(api.house.operator, api.house.org_id, bot.agent_id, "paused")
    assert codes(await bot.call(api, "POST", AUTHORIZE, bot.action())) == (403, "agent_paused", "AGENT_INACTIVE")
    assert (await bot.call(api, "GET", "/v1/agent/self")).json["status"] == "PAUSED"
    await api.house.hub.govern.set_agent_state(api.house.operator, api.house.org_id, bot.agent_id, "revoked")
    assert codes(await bot.call(api, "GET", "/v1/agent/self")) == (401, "agent_revoked", "AGENT_INACTIVE")


@pytest.mark.parametrize("body", [{}, {"approval_token": 7}, {"approval_token": ""}, {"action": {}}, {"action_id": 1}])
async def test_what_is_no_action_is_refused_with_its_field(api: Web, bot: OpenLeashBot, body: object) -> None:
    reply = await bot.call(api, "POST", AUTHORIZE, body)
    assert (reply.status, reply.json["field"] is not None) == (422, True)
    assert reply.json["error"]["code"] in ("INVALID_ACTION_REQUEST", "INVALID_APPROVAL_TOKEN")


async def test_a_relying_party_may_have_an_id_and_no_domain(api: Web, bot: OpenLeashBot) -> None:
    await publish(api.house, PROVEN)
    action = bot.action(relying_party={"rp_id": "6fa459ea-ee8a-4ca4-894e-db77e160355e", "trust_profile": "HIGH"})
    proof = (await bot.call(api, "POST", AUTHORIZE, action)).json["proof_token"]
    claims = (await api.call("POST", "/v1/verify-proof", {"token": proof})).json["claims"]
    assert (claims["aud"], claims["trust_profile"]) == (bot.agent_id, None)
