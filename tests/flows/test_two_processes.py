"""Two hub processes on one PostgreSQL database: each hears of what the other did, and nothing happens twice."""

from __future__ import annotations

import asyncio
import io
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.audit.verify import verify
from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub.db.database import Tx
from approvals_hub.keys.key import TOKEN
from approvals_hub.keys.rotate import PUBLISHED_AHEAD
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Approved, new_action
from tests.flows.second import Pair, beside
from tests.flows.slowed import slowed
from tests.flows.world import serve, set_up

SOON = 5.0
"""Seconds; a waiter that nobody wakes reads again after 15."""
AT_LATEST = 2.0
"""Seconds of a slowed loop until whoever waits by what was taken away is refused."""
AT_ONCE = 500
RACES = 20


@pytest.fixture
async def pair(postgres_uri: str, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two hubs and an owner."""
    async with serve(tmp_path, postgres_uri) as first:
        await set_up(first)
        async with beside(first) as pair:
            yield pair


async def approved(pair: Pair, agent: AsyncHub) -> Approved:
    """An approval that was asked for, answered and collected at the first hub."""
    question = await agent.ask("db.drop", {"n": os.urandom(4).hex()}, relying_party="db.example.com")
    await pair.first.owner.answer(question.escalation_id, "approve")
    return await agent.wait(question, within=SOON)


async def test_an_agent_that_waits_at_one_process_is_woken_by_an_answer_at_the_other(pair: Pair) -> None:
    agent = await pair.first.agent()
    question = await agent.ask("db.drop", {"n": 1})
    waits = asyncio.create_task(agent.wait(question))
    await _until_somebody_waits(pair.first.hub)
    phone = await pair.phone(pair.first.owner)
    await phone.answer(question.escalation_id, "approve")
    assert (await asyncio.wait_for(waits, SOON)).question.status == "approved"


async def test_an_inbox_that_waits_at_one_process_shows_what_is_asked_at_the_other(pair: Pair) -> None:
    agent = await pair.first.agent()
    phone = await pair.phone(pair.first.owner)
    version = (await phone.inbox())["version"]
    waits = asyncio.create_task(phone.inbox(wait=60, since=version))
    await _until_somebody_waits(pair.second)
    question = await agent.ask("db.drop", {"n": 1})
    inbox = await asyncio.wait_for(waits, SOON)
    assert [item["escalation_id"] for item in inbox["items"]] == [question.escalation_id]


async def test_a_request_replayed_at_the_other_process_is_refused(pair: Pair) -> None:
    agent = await pair.first.agent()
    raw = pair.signed(agent, "GET", "/v1/agent")
    first, second = await pair.send(0, raw), await pair.send(1, raw)
    assert (first[0], second[0], second[1]["code"]) == (200, 401, "nonce_replayed")


async def test_the_same_idempotency_key_at_both_processes_at_once_opens_one_question(pair: Pair) -> None:
    agent = await pair.first.agent()
    for number in range(RACES):
        action = _action(agent, number)
        body, key = {"action": action}, f"key-{number}"
        raws = [pair.signed(agent, "POST", "/v1/escalations", body, key) for _ in range(8)]
        given = await asyncio.gather(*[pair.send(n % 2, raw) for n, raw in enumerate(raws)])
        opened = {view["escalation_id"] for status, view in given if status == 201}
        assert {status for status, _ in given} <= {201, 409}
        assert len(opened) == 1


async def test_of_500_redemptions_at_both_processes_at_once_exactly_one_counts(pair: Pair) -> None:
    agent = await pair.first.agent()
    approval = await approved(pair, agent)
    raws = [
        pair.posted("/v1/tokens/redeem", agent.hand_over(approval, idempotency_key=f"run-{n}")) for n in range(AT_ONCE)
    ]
    gate = asyncio.Semaphore(64)

    async def redeem(n: int, raw: bytes) -> tuple[int, dict[str, Any]]:
        async with gate:
            return await pair.send(n % 2, raw)

    given = await asyncio.gather(*[redeem(n, raw) for n, raw in enumerate(raws)])
    assert Counter(status for status, _ in given) == {200: 1, 409: AT_ONCE - 1}
    assert {problem["code"] for status, problem in given if status == 409} == {"already_redeemed"}


async def test_of_200_calls_at_both_processes_at_once_no_more_are_allowed_than_the_limit_lets(pair: Pair) -> None:
    spend = "{limit: 300, currency: EUR, window: day, per: org, above: deny}"
    text = f"version: 1\ndefault: deny\nrules:\n  - {{id: buy, effect: allow, action: '*', spend: {spend}}}\n"
    await pair.first.hub.policies.keep.publish(pair.first.operator, "main", text)
    agents = [await pair.first.agent() for _ in range(4)]

    async def call(number: int) -> dict[str, Any]:
        agent = agents[number % len(agents)]
        payload, now = {"amount_minor": 100, "currency": "EUR", "n": number}, agent.transport.clock()
        action = new_action("finance.payment", payload, credential=agent.credential, now=now)
        status, given = await pair.send(
            number // 4 % 2, pair.signed(agent, "POST", "/v1/authorize", {"action": action})
        )
        assert status == 200
        return given

    given = await asyncio.gather(*[call(number) for number in range(200)])
    assert Counter(each["decision"] for each in given) == {"ALLOW": 3, "DENY": 197}


async def test_contradictory_answers_at_both_processes_at_once_end_in_exactly_one_outcome(pair: Pair) -> None:
    agent = await pair.first.agent()
    # Half of these end denied: an agent that insists would have to wait.
    await pair.first.hub.set_limits(pair.first.operator, {"back_off": False})
    ada = await pair.first.person("Ada", "approver")
    bo = await pair.phone(await pair.first.person("Bo", "approver"))
    for number in range(RACES):
        question = await agent.ask("db.drop", {"n": number})
        counted = await asyncio.gather(
            _answer(ada, question.escalation_id, "approve"), _answer(bo, question.escalation_id, "deny")
        )
        status = (await agent.question(question.escalation_id, question.action)).status
        assert sorted(counted) == ["", {"approved": "approve", "denied": "deny"}[status]]


async def test_an_agent_revoked_at_one_process_is_no_longer_answered_at_the_other(pair: Pair) -> None:
    agent = await pair.first.agent()
    question = await agent.ask("db.drop", {"n": 1})
    path = f"/v1/escalations/{question.escalation_id}?wait=60&since={question.version}"
    asked_before = await _nonces(pair)
    waits = asyncio.create_task(pair.send(1, pair.signed(agent, "GET", path)))
    # Admitted, and waiting: whoever is let in at the moment of the revocation is told what it did to their question.
    while await _nonces(pair) == asked_before:
        await asyncio.sleep(0.01)
    path = f"/v1/orgs/{pair.first.org_id}/agents/{agent.credential.agent_id}/state"
    with slowed():
        await pair.first.owner.call("PUT", path, {"state": "revoked"})
        status, problem = await asyncio.wait_for(waits, AT_LATEST)
    assert (status, problem["code"]) == (401, "agent_revoked")


@pytest.mark.parametrize("ended", ["session_ended", "person_disabled"])
async def test_a_poll_at_one_process_ends_with_the_session_or_the_person_that_is_ended_at_the_other(
    pair: Pair, ended: str
) -> None:
    ada = await pair.first.person("Ada")
    phone = await pair.phone(ada)
    version = (await phone.inbox())["version"]
    waits = asyncio.create_task(phone.inbox(wait=60, since=version))
    await _until_somebody_waits(pair.second)
    own = await ada.call("GET", "/v1/session")
    with slowed():
        if ended == "session_ended":
            await ada.call("DELETE", f"/v1/sessions/{own['session']['session_id']}")
        else:
            path = f"/v1/orgs/{pair.first.org_id}/members/{ada.person_id}/state"
            await pair.first.owner.call("PUT", path, {"state": "disabled"})
        # Nobody is told by a clock: a waiter that is not woken would read again after 15 seconds only.
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(waits, AT_LATEST)
    assert refused.value.status == 401
    with pytest.raises(Refused) as again:
        await phone.call("GET", "/v1/session")
    assert again.value.status == 401


async def test_a_stop_at_one_process_lets_no_agent_ask_at_the_other(pair: Pair) -> None:
    agent = await pair.first.agent()
    await pair.first.owner.call("POST", f"/v1/orgs/{pair.first.org_id}/stop", {})
    body = {"action": _action(agent, 1)}
    status, problem = await pair.send(1, pair.signed(agent, "POST", "/v1/escalations", body, "key"))
    assert (status, problem["code"]) == (409, "org_stopped")


async def test_a_key_rotated_at_one_process_signs_tokens_that_the_other_redeems(pair: Pair) -> None:
    agent = await pair.first.agent()
    key = await pair.first.hub.rotate_keys.signing_key(TOKEN)
    await pair.second.ring.load()  # as its worker does, every five seconds
    pair.first.time.pass_seconds(PUBLISHED_AHEAD / 1000 + 1)
    approval = await approved(pair, agent)
    assert approval.claims["kid"] == key.kid
    status, _ = await pair.send(1, pair.posted("/v1/tokens/redeem", agent.hand_over(approval)))
    assert status == 200


async def test_a_log_that_both_processes_write_and_seal_at_once_verifies(pair: Pair) -> None:
    agent = await pair.first.agent()
    phone = await pair.phone(pair.first.owner)
    for number in range(RACES):
        question = await agent.ask("db.drop", {"n": number})
        await asyncio.gather(
            phone.answer(question.escalation_id, "approve"),
            pair.first.hub.sealer.seal_all(),
            pair.second.sealer.seal_all(),
        )
    report = verify(io.BytesIO(await pair.first.export()))
    assert report.ok, report
    assert (pair.first.hub.sealer.refused, pair.second.sealer.refused) == ({}, {})


async def _answer(phone: SoftwarePhone, escalation_id: str, decision: str) -> str:
    """The decision where it counted, '' where the other one was first."""
    try:
        await phone.answer(escalation_id, decision)
    except Refused as refused:
        return "" if refused.status == 409 else f"{refused.status}"
    return decision


def _action(agent: AsyncHub, number: int) -> dict[str, Any]:
    return new_action("db.drop", {"n": number}, credential=agent.credential, now=agent.transport.clock())


async def _nonces(pair: Pair) -> int:
    """How many signed requests were let in."""

    async def work(tx: Tx) -> int:
        row = await tx.row("SELECT COUNT(*) AS count FROM request_nonces")
        assert row is not None
        return int(row["count"])

    return await pair.first.hub.db.read(work)


async def _until_somebody_waits(hub: Any) -> None:
    while len(hub.bus) == 0:
        await asyncio.sleep(0.01)
