"""Answering over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import action_hash, signed_bytes
from tests.unit.api.web_client import Reply, Web
from tests.unit.hub_fixture import Person


async def opened(api: Web) -> str:
    return str((await api.escalate()).json["escalation_id"])


async def viewed(api: Web, escalation_id: str, person: Person) -> dict[str, Any]:
    body = {"device_id": person.device_id}
    reply = await api.call("POST", f"/v1/escalations/{escalation_id}/views", body, person)
    statement: dict[str, Any] = reply.json["statement"]
    return statement


async def answered(api: Web, escalation_id: str, person: Person, decision: str = "approve", **changes: Any) -> Reply:
    statement = {**await viewed(api, escalation_id, person), "decision": decision}
    assert isinstance(person.key, Ed25519SigningKey)
    body = {
        "statement": b64u(dumps(statement)),
        "signature": b64u(person.key.sign(signed_bytes(statement))),
        **changes,
    }
    return await api.call("POST", f"/v1/escalations/{escalation_id}/decisions", body, person)


async def test_what_is_shown_hashes_to_what_is_signed(api: Web) -> None:
    escalation_id = await opened(api)
    shown = (await api.call("GET", f"/v1/escalations/{escalation_id}/presentation", who=api.house.owner)).json
    statement = await viewed(api, escalation_id, api.house.owner)
    assert action_hash(shown["action"]) == shown["action_hash"] == statement["action_hash"]
    assert shown["presentation_hash"] == statement["presentation_hash"]


async def test_looking_marks_nothing_and_viewing_marks_it_seen(api: Web) -> None:
    path = f"/v1/escalations/{await opened(api)}"
    before = (await api.call("GET", f"{path}/presentation", who=api.house.owner)).json
    await api.call("POST", f"{path}/views", {"device_id": api.house.owner.device_id}, api.house.owner)
    after = (await api.call("GET", f"{path}/presentation", who=api.house.owner)).json
    assert (before["seen_at"], after["seen_at"] is None) == (None, False)


async def test_a_device_key_is_told_its_algorithm_and_no_passkey(api: Web) -> None:
    path = f"/v1/escalations/{await opened(api)}/views"
    told = (await api.call("POST", path, {"device_id": api.house.owner.device_id}, api.house.owner)).json
    assert told["signing"]["public_key"] is None


async def test_a_signed_answer_gets_its_receipt(api: Web) -> None:
    escalation_id = await opened(api)
    reply = await answered(api, escalation_id, api.house.owner)
    assert (reply.status, reply.json["decision"], reply.json["outcome"]) == (200, "approve", "approved")
    again = await api.call("GET", f"/v1/decisions/{reply.json['decision_id']}", who=api.house.owner)
    assert again.json["statement_hash"] == reply.json["statement_hash"]


async def test_the_same_answer_again_is_the_same_receipt(api: Web) -> None:
    escalation_id = await opened(api)
    first = await answered(api, escalation_id, api.house.owner)
    again = await answered(api, escalation_id, api.house.owner)
    assert (again.json["decision_id"], again.json["repeated"]) == (first.json["decision_id"], True)


async def test_my_answer_stands_on_the_card(api: Web) -> None:
    escalation_id = await opened(api)
    await answered(api, escalation_id, api.house.owner, "deny")
    shown = (await api.call("GET", f"/v1/escalations/{escalation_id}/presentation", who=api.house.owner)).json
    assert (shown["mine"]["decision"], shown["outcome"], shown["by"]["type"]) == ("deny", "denied", "person")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"signature": b64u(bytes(64))}, 403, "invalid_signature"),
        ({"signature": None}, 403, "invalid_signature"),
        ({"statement": b64u(b"{}")}, 400, "statement_malformed"),
        ({"statement": "AAF"}, 422, "base64_invalid"),
        ({"reason": "never signed", "reason_salt": b64u(bytes(16))}, 422, "reason_invalid"),
    ],
)
async def test_what_the_device_did_not_sign_is_refused(
    api: Web, changes: dict[str, Any], status: int, code: str
) -> None:
    reply = await answered(api, await opened(api), api.house.owner, **changes)
    assert (reply.status, reply.code) == (status, code)


async def test_an_answer_to_one_question_answers_no_other(api: Web) -> None:
    one, other = await opened(api), await opened(api)
    statement = {**await viewed(api, one, api.house.owner), "decision": "approve"}
    assert isinstance(api.house.owner.key, Ed25519SigningKey)
    body = {
        "statement": b64u(dumps(statement)),
        "signature": b64u(api.house.owner.key.sign(signed_bytes(statement))),
    }
    reply = await api.call("POST", f"/v1/escalations/{other}/decisions", body, api.house.owner)
    assert (reply.status, reply.code, reply.json["field"]) == (422, "statement_mismatch", "$.statement.escalation_id")


async def test_a_question_that_is_over_takes_no_answer(api: Web) -> None:
    escalation_id = await opened(api)
    await api.call("DELETE", f"/v1/escalations/{escalation_id}", who=api.house.bot)
    path = f"/v1/escalations/{escalation_id}/views"
    reply = await api.call("POST", path, {"device_id": api.house.owner.device_id}, api.house.owner)
    assert (reply.status, reply.code, reply.json["outcome"]) == (409, "escalation_ended", "withdrawn")


async def test_whoever_was_not_asked_sees_nothing(api: Web) -> None:
    escalation_id = await opened(api)
    developer = await api.house.person("Dan", "developer")
    reply = await api.call("GET", f"/v1/escalations/{escalation_id}/presentation", who=developer)
    assert (reply.status, reply.code) == (404, "escalation_unknown")


async def test_an_approval_is_taken_back_before_it_is_redeemed(api: Web) -> None:
    escalation_id = await opened(api)
    await answered(api, escalation_id, api.house.owner)
    reply = await api.call("POST", f"/v1/escalations/{escalation_id}/revocation", {}, api.house.owner)
    assert reply.json == {"escalation_id": escalation_id, "token_state": "revoked"}


async def test_history_goes_on_where_the_last_page_ended(api: Web) -> None:
    made = [(await answered(api, await opened(api), api.house.owner)).json["decision_id"] for _ in range(3)]
    first = (await api.call("GET", "/v1/decisions?limit=2", who=api.house.owner)).json
    rest = (await api.call("GET", f"/v1/decisions?limit=2&cursor={first['next']}", who=api.house.owner)).json
    assert [item["decision_id"] for item in first["items"] + rest["items"]] == made[::-1]


async def test_a_sealed_answer_proves_that_the_log_has_it(api: Web) -> None:
    decision_id = (await answered(api, await opened(api), api.house.owner)).json["decision_id"]
    await api.house.hub.sealer.seal_all()
    inclusion = (await api.call("GET", f"/v1/decisions/{decision_id}", who=api.house.owner)).json["inclusion"]
    assert decision_id in inclusion["entry"]


async def test_somebody_elses_answer_does_not_exist(api: Web) -> None:
    decision_id = (await answered(api, await opened(api), api.house.owner)).json["decision_id"]
    ada = await api.house.person()
    assert (await api.call("GET", f"/v1/decisions/{decision_id}", who=ada)).status == 404
