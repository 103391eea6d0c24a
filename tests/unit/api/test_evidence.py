"""Evidence over HTTP."""

from __future__ import annotations

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
