"""Redeeming, reporting and verifying over HTTP."""

from __future__ import annotations

from typing import Any

from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import AUDIENCE, Token


def hand_over(approval: Token, key: str = "run-1", **changes: Any) -> dict[str, Any]:
    """What the agent gives to its executor."""
    pop = approval.pop(key)
    return {
        "token": approval.text,
        "action": approval.action,
        "audience": AUDIENCE,
        "idempotency_key": key,
        "pop": {"iat": pop.iat, "signature": pop.signature},
        **changes,
    }


async def redeem(api: Web, approval: Token, key: str = "run-1", **changes: Any) -> Reply:
    return await api.call("POST", "/v1/tokens/redeem", hand_over(approval, key, **changes))


async def test_a_token_is_spent_once(api: Web) -> None:
    token = await api.house.bot.approved()
    first, second = await redeem(api, token), await redeem(api, token, "run-2")
    assert (first.status, first.json["jti"], first.json["repeated"]) == (200, token.jti, False)
    assert (second.status, second.code) == (409, "already_redeemed")
    assert second.json["redeemed_at"] == first.json["redeemed_at"]


async def test_a_repeat_of_the_same_redemption_is_the_same_answer(api: Web) -> None:
    token = await api.house.bot.approved()
    first, again = await redeem(api, token), await redeem(api, token)
    assert again.json == {**first.json, "repeated": True}


async def test_a_stolen_token_without_the_agents_word_is_worth_nothing(api: Web) -> None:
    token = await api.house.bot.approved()
    reply = await redeem(api, token, pop=None)
    assert (reply.status, reply.code) == (401, "invalid_pop")


async def test_a_token_for_another_action_is_refused(api: Web) -> None:
    token = await api.house.bot.approved()
    reply = await redeem(api, token, action={**token.action, "payload": {"table": "other"}})
    assert (reply.status, reply.code, reply.json["field"]) == (422, "action_mismatch", "$.action")


async def test_a_token_for_somebody_else_is_refused(api: Web) -> None:
    reply = await redeem(api, await api.house.bot.approved(), audience="other.example")
    assert (reply.status, reply.code) == (422, "audience_mismatch")


async def test_what_is_no_token_is_refused(api: Web) -> None:
    reply = await redeem(api, await api.house.bot.approved(), token="v4.public.AAAA")
    assert (reply.status, reply.code) == (401, "invalid_token")


async def test_an_executor_needs_no_account_and_a_page_of_another_site_has_none_to_lend(api: Web) -> None:
    token = await api.house.bot.approved()
    cookie = {"Cookie": f"__Host-approvals-hub={await api.token(api.house.owner)}"}
    reply = await api.call("POST", "/v1/tokens/redeem", hand_over(token), headers=cookie)
    assert reply.status == 200


async def test_a_report_needs_the_proof_that_the_redemption_gave(api: Web) -> None:
    token = await api.house.bot.approved()
    proof = (await redeem(api, token)).json["proof_token"]
    path = f"/v1/redemptions/{token.jti}/report"
    stranger = await api.call("POST", path, {"status": "done", "proof_token": token.text})
    redeemer = await api.call("POST", path, {"status": "done", "proof_token": proof})
    assert (stranger.status, stranger.code) == (401, "invalid_proof")
    assert (redeemer.status, redeemer.json["status"]) == (200, "done")


async def test_a_report_that_says_otherwise_later_is_refused(api: Web) -> None:
    token = await api.house.bot.approved()
    proof = (await redeem(api, token)).json["proof_token"]
    path = f"/v1/redemptions/{token.jti}/report"
    await api.call("POST", path, {"status": "done", "proof_token": proof})
    reply = await api.call("POST", path, {"status": "failed", "proof_token": proof})
    assert (reply.status, reply.code) == (409, "reported_otherwise")


async def test_a_proof_says_what_was_allowed(api: Web) -> None:
    token = await api.house.bot.approved()
    proof = (await redeem(api, token)).json["proof_token"]
    body = {"token": proof, "audience": AUDIENCE, "action": token.action}
    reply = await api.call("POST", "/v1/tokens/verify", body)
    assert (reply.json["valid"], reply.json["claims"]["decision"]) == (True, "ALLOW")
    enough = await api.call("POST", "/v1/tokens/verify", {**body, "min_acr": "LOW", "methods": ["device_key"]})
    assert enough.json == reply.json
    for more, code in ({"min_acr": "HIGH"}, "acr"), ({"methods": ["bankid"]}, "methods"), ({"amr": ["mfa"]}, "amr"):
        lacking = (await api.call("POST", "/v1/tokens/verify", {**body, **more})).json
        assert (lacking["valid"], lacking["code"], lacking["claims"]) == (False, code, None)
    for nothing in ({"min_acr": "high"}, {"methods": []}, {"amr": [""]}, {"auth_ref": ""}):
        assert (await api.call("POST", "/v1/tokens/verify", {**body, **nothing})).status == 422


async def test_an_approval_token_is_no_proof(api: Web) -> None:
    token = await api.house.bot.approved()
    reply = await api.call("POST", "/v1/tokens/verify", {"token": token.text})
    assert (reply.status, reply.json["valid"], reply.json["claims"]) == (200, False, None)


async def test_verifying_writes_nothing(api: Web) -> None:
    token = await api.house.bot.approved()
    before = await api.house.rows("SELECT COUNT(*) AS count FROM audit_entries")
    await api.call("POST", "/v1/tokens/verify", {"token": token.text})
    after = await api.house.rows("SELECT COUNT(*) AS count FROM audit_entries")
    assert before[0]["count"] == after[0]["count"]


async def test_the_agents_word_for_another_redemption_is_refused(api: Web) -> None:
    token = await api.house.bot.approved()
    pop = token.pop("run-9")
    reply = await redeem(api, token, pop={"iat": pop.iat, "signature": pop.signature})
    assert reply.code == "invalid_pop"
