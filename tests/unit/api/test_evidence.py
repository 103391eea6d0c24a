"""Evidence over HTTP."""

from __future__ import annotations

import json
from hashlib import sha256

from approvals_hub_client.canonical import unb64u
from tests.unit.api.web_client import Web
from tests.unit.step_up_actor import link_app, question


async def test_an_answer_comes_with_its_key_its_signature_and_what_proved_its_person(api: Web) -> None:
    app = await link_app(api.house.owner)
    name = await question(api.house, methods=("totp",))
    receipt = await app.approve(name)
    path = f"/v1/orgs/{api.house.org_id}/audit/evidence/{name}"
    reply = await api.call("GET", path, who=api.house.owner)
    [answer] = reply.json["items"]
    assert (answer["decision_id"], answer["statement_hash"]) == (receipt.decision_id, receipt.statement_hash)
    assert (answer["key"]["kind"], answer["key"]["jwk"]["kty"], answer["key"]["public_key"]) == (
        "device_key",
        "OKP",
        None,
    )
    assert {"statement", "signature"} <= answer["signed"].keys()
    [proof] = answer["step_ups"]
    assert (proof["method"], proof["evidence_hash"]) == (
        "totp",
        f"sha256:{sha256(unb64u(proof['evidence'])).hexdigest()}",
    )
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_file_of_answers_is_streamed_for_a_fresh_factor_and_holds_what_the_log_commits_to(api: Web) -> None:
    receipt = await api.house.owner.answer((await api.house.bot.ask()).escalation.id)
    path = f"/v1/orgs/{api.house.org_id}/audit/evidence-exports"
    refused = await api.call("POST", path, {}, who=api.house.owner)
    assert (refused.status, refused.json["code"]) == (403, "fresh_factor_needed")
    body = {"since": "2020-01-01T00:00:00Z", "fresh": await api.fresh(api.house.owner)}
    reply = await api.call("POST", path, body, who=api.house.owner)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/jsonl")
    first, answer, last = [json.loads(line) for line in reply.raw.splitlines()]
    assert first["header"]["query"] == {"since": "2020-01-01T00:00:00.000Z"}
    assert answer["answer"]["statement_hash"] == receipt.statement_hash
    assert last["end"]["answers"] == 1
    wrong = await api.call("POST", path, {"since": "2026-13-01T00:00:00Z"}, who=api.house.owner)
    assert wrong.status == 422
