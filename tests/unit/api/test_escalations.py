"""Escalations over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from approvals_hub_client.statement import action_hash
from tests.unit.api.web_client import Web

PATH = "/v1/escalations"


async def test_a_question_is_answered_with_its_ids(api: Web) -> None:
    reply = await api.escalate()
    assert (reply.status, reply.json["status"], reply.json["version"]) == (201, "open", 1)
    assert reply.json["salt"] is not None
    assert reply.json["repeated"] is False


async def test_a_question_without_an_idempotency_key_is_refused(api: Web) -> None:
    reply = await api.call("POST", PATH, {"action": api.house.bot.action()}, api.house.bot)
    assert (reply.status, reply.code, reply.json["field"]) == (400, "idempotency_key_missing", "Idempotency-Key")


@pytest.mark.parametrize("key", ["x" * 129, "two words"])
async def test_an_idempotency_key_is_one_short_word(api: Web, key: str) -> None:
    reply = await api.call("POST", PATH, {"action": api.house.bot.action()}, api.house.bot, key=key)
    assert (reply.status, reply.code) == (400, "idempotency_key_missing")


async def test_the_same_key_and_body_is_the_same_question(api: Web) -> None:
    body = {"action": api.house.bot.action()}
    first = await api.call("POST", PATH, body, api.house.bot, key="k1")
    again = await api.call("POST", PATH, body, api.house.bot, key="k1")
    assert (first.status, again.status) == (201, 201)
    assert again.json == {**first.json, "repeated": True}


async def test_the_same_key_with_another_body_is_refused(api: Web) -> None:
    await api.call("POST", PATH, {"action": api.house.bot.action()}, api.house.bot, key="k1")
    reply = await api.call("POST", PATH, {"action": api.house.bot.action()}, api.house.bot, key="k1")
    assert (reply.status, reply.code) == (422, "idempotency_key_reused")


async def test_the_same_key_for_another_operation_is_refused(api: Web) -> None:
    body = {"action": api.house.bot.action()}
    first = await api.call("POST", PATH, body, api.house.bot, key="k1")
    path = f"{PATH}/{first.json['escalation_id']}/revisions"
    assert (await api.call("POST", path, body, api.house.bot, key="k1")).code == "idempotency_key_reused"


async def test_a_callback_to_a_host_that_nobody_allowed_is_refused(api: Web) -> None:
    reply = await api.escalate(callback_url="https://agent.example/done")
    assert (reply.status, reply.code, reply.json["field"]) == (422, "callback_not_allowed", "$.callback_url")


async def test_a_wrong_member_of_the_action_is_named_by_its_path(api: Web) -> None:
    reply = await api.escalate(action=api.house.bot.action(payload=[]))
    assert (reply.status, reply.json["field"]) == (422, "$.action.payload")


async def test_an_agent_asks_in_no_name_but_its_own(api: Web) -> None:
    reply = await api.escalate(action=api.house.bot.action(principal={"agent_id": "agt_other"}))
    assert (reply.status, reply.code) == (403, "principal_mismatch")


async def test_another_agents_question_does_not_exist(api: Web) -> None:
    escalation_id = (await api.escalate()).json["escalation_id"]
    other = await api.house.agent("other")
    assert (await api.call("GET", f"{PATH}/{escalation_id}", who=other)).status == 404
    assert (await api.call("DELETE", f"{PATH}/{escalation_id}", who=other)).status == 404
    assert (await api.call("POST", f"{PATH}/{escalation_id}/extensions", {"expires_in": 900}, other)).status == 404


async def test_a_wait_ends_with_the_answer(api: Web) -> None:
    opened = (await api.escalate()).json
    path = f"{PATH}/{opened['escalation_id']}?wait=50"
    waiting = asyncio.create_task(api.call("GET", path, who=api.house.bot))
    while not len(api.house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    await api.house.owner.answer(opened["escalation_id"])
    reply = await waiting
    assert (reply.json["status"], reply.json["token_state"]) == ("approved", "ready")
    assert reply.json["approval_token"].startswith("v4.public.")
    assert "Retry-After" not in reply.headers


async def test_a_revoked_agents_wait_ends_at_once(api: Web) -> None:
    house = api.house
    path = f"{PATH}/{(await api.escalate()).json['escalation_id']}?wait=50"
    waiting = asyncio.create_task(api.call("GET", path, who=house.bot))
    while not len(house.hub.bus):  # type: ignore[arg-type]  # the bus of one process tells who listens
        await asyncio.sleep(0)
    await house.hub.govern.set_agent_state(house.operator, house.org_id, house.bot.agent_id, "revoked")
    assert (await waiting).status == 401


async def test_a_wait_that_nothing_ends_answers_with_what_there_is(api: Web) -> None:
    opened = (await api.escalate()).json
    reply = await api.call("GET", f"{PATH}/{opened['escalation_id']}?wait=1", who=api.house.bot)
    assert (reply.status, reply.json["status"]) == (200, "open")


async def test_an_older_version_is_not_waited_on(api: Web) -> None:
    opened = (await api.escalate()).json
    reply = await api.call("GET", f"{PATH}/{opened['escalation_id']}?wait=50&since=0", who=api.house.bot)
    assert (reply.json["version"], reply.headers["ETag"]) == (1, '"1"')


async def test_the_version_that_is_known_is_not_sent_again(api: Web) -> None:
    opened = (await api.escalate()).json
    path = f"{PATH}/{opened['escalation_id']}"
    reply = await api.call("GET", path, who=api.house.bot, headers={"If-None-Match": '"1"'})
    assert (reply.status, reply.raw) == (304, b"")


@pytest.mark.parametrize("tag", ['"0"', '"other"', "*", "1"])
async def test_a_version_that_the_hub_never_gave_matches_nothing(api: Web, tag: str) -> None:
    opened = (await api.escalate()).json
    path = f"{PATH}/{opened['escalation_id']}"
    assert (await api.call("GET", path, who=api.house.bot, headers={"If-None-Match": tag})).status == 200


@pytest.mark.parametrize("query", ["wait=61", "wait=-1", "wait=x", "since=-1", "wait=1.5"])
async def test_a_wait_is_a_number_of_seconds_up_to_a_minute(api: Web, query: str) -> None:
    reply = await api.call("GET", f"{PATH}/esc_1?{query}", who=api.house.bot)
    assert (reply.status, reply.code) == (422, "invalid_request")


async def test_a_person_who_was_asked_reads_the_state_without_tokens(api: Web) -> None:
    token = await api.house.bot.approved()
    reply = await api.call("GET", f"{PATH}/{token.escalation_id}", who=api.house.owner)
    assert reply.json["status"] == "approved"
    assert (reply.json["approval_token"], reply.json["salt"]) == (None, None)


async def test_withdrawing_twice_is_the_same_answer(api: Web) -> None:
    path = f"{PATH}/{(await api.escalate()).json['escalation_id']}"
    first = await api.call("DELETE", path, who=api.house.bot)
    again = await api.call("DELETE", path, who=api.house.bot)
    assert (first.status, first.json["status"], again.json) == (200, "withdrawn", first.json)


async def test_an_answered_question_cannot_be_withdrawn(api: Web) -> None:
    opened = (await api.escalate()).json
    await api.house.owner.answer(opened["escalation_id"], "deny")
    reply = await api.call("DELETE", f"{PATH}/{opened['escalation_id']}", who=api.house.bot)
    assert (reply.status, reply.code, reply.json["outcome"]) == (409, "escalation_ended", "denied")


async def test_a_revision_names_what_it_revises(api: Web) -> None:
    old = (await api.escalate()).json["escalation_id"]
    body = {"action": api.house.bot.action()}
    reply = await api.call("POST", f"{PATH}/{old}/revisions", body, api.house.bot, key="k1")
    assert (reply.status, reply.json["revises"], reply.json["revision"]) == (201, old, 2)


async def test_agent_and_approver_may_give_more_time(api: Web) -> None:
    path = f"{PATH}/{(await api.escalate()).json['escalation_id']}/extensions"
    by_agent = await api.call("POST", path, {"expires_in": 1000}, api.house.bot)
    by_person = await api.call("POST", path, {"expires_in": 1200}, api.house.owner)
    assert by_agent.json["expires_at"] < by_person.json["expires_at"]
    assert (by_agent.json["salt"] is None, by_person.json["salt"] is None) == (False, True)


async def test_a_list_goes_on_where_the_last_page_ended(api: Web) -> None:
    made = [(await api.escalate()).json["escalation_id"] for _ in range(3)]
    first = (await api.call("GET", f"{PATH}?limit=2", who=api.house.bot)).json
    rest = (await api.call("GET", f"{PATH}?limit=2&cursor={first['next']}", who=api.house.bot)).json
    assert [item["escalation_id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


async def test_a_list_holds_no_tokens(api: Web) -> None:
    await api.house.bot.approved()
    items = (await api.call("GET", f"{PATH}?status=approved", who=api.house.bot)).json["items"]
    assert [(item["approval_token"], item["salt"]) for item in items] == [(None, None)]


async def test_an_agent_is_told_what_it_asked_where_it_wants_to_know(api: Web) -> None:
    made = (await api.escalate()).json
    path = f"/v1/escalations/{made['escalation_id']}"
    assert (await api.call("GET", path, who=api.house.bot)).json["action"] is None
    told = (await api.call("GET", f"{path}?action=true", who=api.house.bot)).json
    assert action_hash(told["action"]) == made["action_hash"]


async def test_a_person_is_not_told_the_action_past_its_presentation(api: Web) -> None:
    made = (await api.escalate()).json
    reply = await api.call("GET", f"/v1/escalations/{made['escalation_id']}?action=true", who=api.house.owner)
    assert (reply.status, reply.json["action"]) == (200, None)


async def test_an_agent_is_told_how_many_people_may_answer_and_not_who(api: Web) -> None:
    ada, bo = await api.house.person("Ada"), await api.house.person("Bo")
    await api.house.require(approvals=2)
    reply = await api.escalate()
    assert (reply.json["may_answer"], reply.json["approvals"]) == (2, 2)
    assert [one for one in (ada.person_id, bo.person_id) if one.encode() in reply.raw] == []
