"""What an OpenLeash agent was allowed is evident to whoever verifies, as every other action: whole, and offline."""

from __future__ import annotations

from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.canonical import dumps, sha256_text
from tests.unit.api.web_client import Web
from tests.unit.openleash_bot import openleash_bot


async def test_a_receipt_bundle_of_its_question_verifies_on_a_clean_machine(api: Web) -> None:
    bot = await openleash_bot(api.house)
    action = bot.action()
    token = await bot.approved(api, action)
    await bot.call(api, "POST", "/v1/authorize", {**action, "approval_token": token})
    name = (await bot.call(api, "GET", "/v1/agent/approval-requests")).json["approval_requests"][0]["escalation_id"]
    bundle = await bot.call(api, "GET", f"/v1/escalations/{name}/bundle")
    report = verify_bundle(bundle.raw)
    assert report.ok, report
    assert bundle.json["question"]["action"] == action
    assert bundle.json["question"]["action_hash"] == sha256_text(dumps(action))
