"""Answering over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.stepup.renew_session import PREVIOUS_LIFE
from approvals_hub_client.canonical import b64u, dumps, unb64u
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import action_hash, intent_of, passkey_challenge, signed_bytes
from tests.fakes.soft_authenticator import SoftAuthenticator
from tests.unit.api.test_sessions import cookie_of, signed_in
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


@pytest.mark.parametrize("claim", [{"acr": "HIGH"}, {"amr": ["hwk"]}, {"assurance_level": 4}, {"acr": None}])
async def test_a_level_that_the_client_claims_beside_its_answer_counts_for_nothing_and_is_recorded(
    api: Web, claim: dict[str, Any]
) -> None:
    reply = await answered(api, await opened(api), api.house.owner, **claim)
    assert (reply.status, reply.json["acr"], reply.json["amr"]) == (200, "LOW", ["pop"])
    [event] = await api.house.events("decision.recorded")
    assert event["detail"]["claimed"] == list(claim)
    assert "hwk" not in str(event)


async def test_a_level_that_the_client_claims_inside_the_signed_statement_is_refused(api: Web) -> None:
    escalation_id = await opened(api)
    statement = {**await viewed(api, escalation_id, api.house.owner), "decision": "approve", "acr": "HIGH"}
    reply = await answered(api, escalation_id, api.house.owner, statement=b64u(dumps(statement)))
    assert (reply.status, reply.code) == (400, "statement_malformed")


async def passkey_answer(api: Web, cookie: dict[str, str], *, stepped_up: bool) -> Reply:
    """An approval with one passkey through the page's cookie, with a step-up by another passkey or without."""
    owner, key, other = api.house.owner, SoftAuthenticator(), SoftAuthenticator()
    passkey = await owner.further_device(key)
    await owner.further_device(other)
    path = f"/v1/escalations/{await opened(api)}"
    seen = await api.call("POST", f"{path}/views", {"device_id": passkey.device_id}, headers=cookie)
    statement = {**seen.json["statement"], "decision": "approve"}
    if stepped_up:
        body = {"method": "webauthn", "intent": b64u(dumps(intent_of(statement)))}
        begun = (await api.call("POST", f"{path}/step-ups", body, headers=cookie)).json
        answer = other.get(unb64u(begun["shown"]["options"]["challenge"]))
        await api.call("POST", f"/v1/step-ups/{begun['step_up_id']}", {"answer": answer}, headers=cookie)
        statement["step_up"] = [begun["step_up_id"]]
    body = {"statement": b64u(dumps(statement)), "assertion": key.get(passkey_challenge(statement))}
    return await api.call("POST", f"{path}/decisions", body, headers=cookie)


async def test_a_fixed_session_is_dead_after_a_passkeys_answer_with_a_passkeys_step_up(api: Web) -> None:
    fixed = cookie_of(await signed_in(api, api.house.owner))
    reply = await passkey_answer(api, fixed, stepped_up=True)
    assert (reply.status, reply.json["methods"]) == (200, ["passkey"])
    renewed = cookie_of(reply)
    assert renewed["Cookie"] != fixed["Cookie"]
    assert (await api.send("GET", "/v1/inbox", headers=fixed)).status == 200  # a long-poll may be on its way
    assert (await api.send("GET", "/v1/session", headers=fixed)).code == "session_renewed"
    assert (await api.call("POST", "/v1/sign-out", {}, headers=fixed)).code == "session_renewed"
    assert (await api.call("POST", "/v1/challenges", {"purpose": "enrol"}, headers=fixed)).code == "session_renewed"
    api.house.time.now += PREVIOUS_LIFE
    for path in ("/v1/inbox", "/v1/session"):
        assert (await api.send("GET", path, headers=fixed)).code == "session_unknown"
    assert (await api.send("GET", "/v1/session", headers=renewed)).status == 200


async def test_an_answer_without_a_step_up_keeps_the_pages_session(api: Web) -> None:
    reply = await passkey_answer(api, cookie_of(await signed_in(api, api.house.owner)), stepped_up=False)
    assert (reply.status, "Set-Cookie" in reply.headers) == (200, False)


async def card(api: Web, escalation_id: str, person: Person) -> dict[str, Any]:
    """What this person is shown of a question."""
    reply = await api.call("GET", f"/v1/escalations/{escalation_id}/presentation", who=person)
    assert reply.status == 200
    return dict(reply.json)


async def test_a_card_says_in_numbers_how_far_the_question_is_and_whose_turn_it_is(api: Web) -> None:
    house = api.house
    ada, bo = await house.person("Ada"), await house.person("Bo", "admin")
    guard = await house.person("Guard", "owner")
    stages = [{"of": ["role:approver"]}, {"of": ["role:admin"]}]
    asked = {"quorum": {"stages": stages}, "veto": [guard.person_id], "wait": 60}
    await house.hub.set_requirement(house.operator, asked)
    escalation_id = await opened(api)
    turns = ("may_answer", "may_approve", "asked_later")
    shown = {name: await card(api, escalation_id, one) for name, one in (("ada", ada), ("bo", bo), ("guard", guard))}
    assert {name: [one[turn] for turn in turns] for name, one in shown.items()} == {
        "ada": [True, True, False],
        "bo": [False, False, True],
        "guard": [True, False, False],
    }
    assert shown["bo"]["progress"] == {"approved": 0, "missing": 2, "stage": 1, "stages": 2, "effective_at": None}
    await answered(api, escalation_id, ada)
    await answered(api, escalation_id, bo)
    after = await card(api, escalation_id, guard)
    assert (after["progress"]["approved"], after["progress"]["missing"], after["progress"]["stage"]) == (2, 0, 2)
    assert after["progress"]["effective_at"] > after["now"]
    assert ada.person_id not in str(after["progress"])
    await answered(api, escalation_id, guard, "deny")
    assert (await card(api, escalation_id, guard))["progress"] is None


async def test_a_question_that_waits_for_its_stage_is_refused_with_what_to_do(api: Web) -> None:
    house = api.house
    await house.person("Ada")
    bo = await house.person("Bo", "admin")
    stages = [{"of": ["role:approver"]}, {"of": ["role:admin"]}]
    await house.hub.set_requirement(house.operator, {"quorum": {"stages": stages}, "veto": ["role:owner"]})
    escalation_id = await opened(api)
    reply = await api.call("POST", f"/v1/escalations/{escalation_id}/views", {"device_id": bo.device_id}, bo)
    assert (reply.status, reply.code) == (409, "stage_not_open")
    assert "inbox" in reply.json["next_step"]
