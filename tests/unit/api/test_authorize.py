"""One call before any risky action, over HTTP."""

from __future__ import annotations

from uuid import uuid4

from approvals_hub.authorizations.authorize import ASKS_PEOPLE
from approvals_hub.core.clock import to_text
from approvals_hub_client import paseto
from approvals_hub_client.canonical import loads
from tests.unit.api.web_client import Web
from tests.unit.hub_fixture import AUDIENCE
from tests.unit.policies.kept_policies import publish, rules

PROVEN = rules("id: buy, effect: allow, action: '*', proof: {required: true}")


async def test_an_answer_names_the_policy_and_carries_a_proof_that_anybody_verifies(api: Web) -> None:
    house = api.house
    made = await publish(house, PROVEN)
    action = house.bot.action()
    reply = await api.call("POST", "/v1/authorize", {"action": action}, house.bot)
    assert (reply.status, reply.json["decision"], reply.json["result"]) == (200, "ALLOW", "ALLOW")
    assert reply.json["decided_by"] == {
        "policy_id": made.policy_id,
        "version": 1,
        "hash": made.hash,
        "rule_id": "buy",
    }
    body = {
        "token": reply.json["proof_token"],
        "audience": AUDIENCE,
        "action": {"salt": reply.json["salt"], **action},
    }
    assert (await api.call("POST", "/v1/tokens/verify", body)).json["valid"]
    path = f"/v1/redemptions/{(await api.call('POST', '/v1/tokens/verify', body)).json['claims']['jti']}/report"
    report = {"status": "done", "proof_token": reply.json["proof_token"]}
    assert (await api.call("POST", path, report)).json["status"] == "done"


SHOWN_CLAIMS = "iss sub aud iat exp action_id action_type action_hash decision policy_id kid"
SHOWN_ENTRY = "ts actor_type actor_id action_type action_id decision policy_id proof_kid signature_valid"


async def test_the_product_pages_own_request_is_answered_with_what_it_shows_of_proof_and_log(api: Web) -> None:
    house, bot = api.house, api.house.bot
    await publish(house, rules("id: mail, effect: allow, action: send_email, proof: {required: true}"))
    action = {
        "action_id": str(uuid4()),
        "action_type": "send_email",
        "requested_at": to_text(house.time.now),
        "principal": {"agent_id": bot.agent_id},
        "subject": {"principal_id": house.owner.person_id},
        "relying_party": {"domain": "your-app.com", "trust_profile": "LOW"},
        "payload": {"to": "bo@example.com", "subject": "Hello", "body": "How are you?"},
    }
    reply = await api.call("POST", "/v1/authorize", {"action": action}, bot)
    assert (reply.status, reply.json["decision"], reply.json["result"]) == (200, "ALLOW", "ALLOW")
    claims = loads(paseto.unverified(reply.json["proof_token"]))
    assert set(SHOWN_CLAIMS.split()) <= set(claims)
    assert (claims["sub"], claims["aud"], claims["action_id"]) == (bot.agent_id, "your-app.com", action["action_id"])
    [entry] = await house.events("action.authorized")
    assert set(SHOWN_ENTRY.split()) <= set(entry)
    assert (entry["action_id"], entry["decision"], entry["signature_valid"]) == (action["action_id"], "ALLOW", True)


async def test_every_outcome_is_answered_over_http_and_people_are_asked_where_it_takes_them(api: Web) -> None:
    owes = {
        "ALLOW": "effect: allow",
        "DENY": "effect: deny",
        "REQUIRE_APPROVAL": "effect: allow, obligations: [{type: HUMAN_APPROVAL}]",
        "REQUIRE_STEP_UP": "effect: allow, requirements: {min_assurance_level: SUBSTANTIAL}",
        "REQUIRE_DEPOSIT": "effect: allow, obligations: [{type: DEPOSIT}]",
    }
    kinds = {outcome: f"kind.{outcome.lower()}" for outcome in owes}
    await publish(api.house, rules(*(f"id: r, action: {kinds[name]}, {rule}" for name, rule in owes.items())))
    found = {}
    for outcome, kind in kinds.items():
        action = api.house.bot.action(action_type=kind)
        answer = (await api.call("POST", "/v1/authorize", {"action": action}, api.house.bot)).json
        assert answer["result"] == answer["decision"]
        found[outcome] = (answer["decision"], answer["escalation"] is not None)
    assert found == {outcome: (outcome, outcome in ASKS_PEOPLE) for outcome in owes}


async def test_the_trace_comes_on_demand_and_trust_is_the_organisations_word(api: Web) -> None:
    await publish(api.house, PROVEN)
    body = {"action": api.house.bot.action(), "trace": True}
    reply = await api.call("POST", "/v1/authorize", body, api.house.bot)
    assert reply.json["trust_profile"] == "LOW"
    [rule] = reply.json["trace"]
    assert (rule["rule_id"], rule["parts"], rule["decides"]) == ("buy", {}, True)
    assert (await api.call("POST", "/v1/authorize", {**body, "trace": False}, api.house.bot)).json["trace"] is None


async def test_where_it_takes_people_the_question_is_in_the_answer(api: Web) -> None:
    house = api.house
    reply = await api.call("POST", "/v1/authorize", {"action": house.bot.action(), "justification": "why"}, house.bot)
    escalation = reply.json["escalation"]
    assert (reply.json["decision"], escalation["status"], escalation["action_hash"]) == (
        "REQUIRE_APPROVAL",
        "open",
        reply.json["action_hash"],
    )
    read = await api.call("GET", f"/v1/escalations/{escalation['escalation_id']}", who=house.bot)
    assert read.json["status"] == "open"


async def test_an_approval_is_spent_in_the_same_call_and_the_answer_has_its_proof(api: Web) -> None:
    token = await api.house.bot.approved()
    action = {name: value for name, value in token.action.items() if name != "salt"}
    body = {"action": action, "approval_token": token.text}
    reply = await api.call("POST", "/v1/authorize", body, api.house.bot)
    assert (reply.json["decision"], reply.json["code"], reply.json["escalation"]["token_state"]) == (
        "ALLOW",
        "approved",
        "redeemed",
    )
    proof = {"token": reply.json["proof_token"], "audience": AUDIENCE, "action": token.action}
    assert (await api.call("POST", "/v1/tokens/verify", proof)).json["valid"]
    assert (await api.call("POST", "/v1/authorize", body, api.house.bot)).json["repeated"]


async def test_a_signature_of_another_agent_authorizes_nothing(api: Web) -> None:
    await publish(api.house, PROVEN)
    other = await api.house.agent()
    reply = await api.call("POST", "/v1/authorize", {"action": api.house.bot.action()}, other)
    assert (reply.status, reply.code) == (403, "principal_mismatch")


async def test_what_is_no_request_is_refused_with_its_field(api: Web) -> None:
    for body, status in (({}, 422), ({"action": []}, 422), ({"action": {}, "acr": "HIGH"}, 422)):
        assert (await api.call("POST", "/v1/authorize", body, api.house.bot)).status == status
