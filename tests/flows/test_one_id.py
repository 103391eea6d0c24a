"""One id runs through all that comes of an action about which people are asked: the question's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.core.clock import system_clock
from approvals_hub.db.database import Tx
from approvals_hub.hub import CALLS
from approvals_hub_client import paseto
from approvals_hub_client.authorizing import PeopleAsked
from approvals_hub_client.canonical import loads, unb64u
from tests.fakes.tls import Authority
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.flows.conftest import url_of
from tests.flows.world import World, serve, set_up

PATH = "/hooks/done"
ASK = "version: 1\ndefault: require_approval\nrules: []\n"
Called = tuple[World, WebhookReceiver]


@pytest.fixture
async def called(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Called]:
    """A hub with a policy, and a program that it may call when a question has ended."""
    authority = Authority()
    (tmp_path / "ca.pem").write_text(authority.pem())
    receiver = WebhookReceiver(authority, now=system_clock().now())
    await receiver.open()
    table: dict[str, Any] = {"ports": [receiver.port], "private_networks": ["127.0.0.0/8"], "ca_file": "ca.pem"}
    async with serve(tmp_path, url_of(database_place), callbacks=table) as world:
        await set_up(world)
        await world.hub.policies.keep.publish(world.operator, "main", ASK)
        yield world, receiver
    await receiver.close()


async def entries(world: World, query: str = "") -> list[dict[str, Any]]:
    """What the sealed log says, the oldest first."""
    while await world.hub.sealer.seal_all():
        pass
    path = f"/v1/orgs/{world.org_id}/audit/events?limit=200&order=oldest{query}"
    return [line["entry"] for line in (await world.owner.call("GET", path))["items"]]


async def damage(world: World, name: str) -> None:
    """Somebody writes into the database."""

    async def work(tx: Tx) -> int:
        return await tx.execute("UPDATE escalations SET sealed = :bytes WHERE id = :id", bytes=b"broken", id=name)

    await world.hub.db.run(work)


async def test_the_id_of_a_question_is_in_all_that_comes_of_an_action_from_the_call_to_the_log(called: Called) -> None:
    world, receiver = called
    agent = await world.agent()
    who = agent.credential.agent_id
    hosts = [f"127.0.0.1:{receiver.port}"]
    kept = await world.hub.keep_callbacks.set(world.operator, world.org_id, who, hosts)
    receiver.secrets[PATH] = kept.secret
    callback = f"{receiver.base_url}{PATH}"
    with pytest.raises(PeopleAsked) as asks:
        await agent.authorize("purchase", {"amount_minor": 8500}, callback_url=callback)
    # Decided and asked in one answer; what people see and sign; the token, its spending, and what came of it.
    question, decision_id = asks.value.question, asks.value.authorization.decision_id
    name = question.escalation_id
    [waits] = (await world.owner.inbox())["items"]
    statement = await world.owner.look(name)
    with world.hub.bus.subscribe(CALLS) as ear:
        receipt = await world.owner.send(name, statement, "approve")
        assert await ear.wait(10)
    approved = await agent.wait(question, within=10)
    told = (await agent.question(name)).view
    outcome = loads(paseto.unverified(told["outcome_token"]))
    redeemed = await agent.redeem(approved)
    await agent.report(redeemed, "done")
    bundle = loads(await agent.bundle(name))
    while await world.hub.call_back() == 0.0:
        await world.hub.call_back.idle()
    [arrival] = receiver.arrived
    found = {
        "inbox": waits["escalation_id"],
        "statement": statement["escalation_id"],
        "receipt": receipt["escalation_id"],
        "approval token": approved.claims["escalation_id"],
        "outcome token": outcome["escalation_id"],
        "redemption": redeemed.escalation_id,
        "proof": redeemed.proof["escalation_id"],
        "bundle": loads(unb64u(bundle["answers"][0]["statement"]))["escalation_id"],
        "webhook": arrival.body["data"]["escalation_id"],
    }
    assert found == dict.fromkeys(found, name)
    # The log, looked for by the id and in its export; each names the same action, by the agent's own id.
    by_id = await entries(world, f"&escalation={name}")
    assert [each["kind"] for each in by_id] == [
        "escalation.opened",
        "action.authorized",
        "escalation.seen",
        "decision.recorded",
        "escalation.ended",
        "token.redeemed",
        "token.reported",
        "bundle.read",
    ]
    assert [each["detail"]["decision_id"] for each in by_id[:2]] == [decision_id] * 2
    assert {each["action_id"] for each in by_id} - {None} == {question.action["action_id"]}
    exported = [json.loads(line).get("entry", {}) for line in (await world.export()).splitlines()]
    assert [each for each in exported if each.get("escalation_id") == name][: len(by_id)] == by_id
    # And the lines of the hub's own log that are about it.
    await damage(world, name)
    with capture_logs() as lines:
        given = await world.send("GET", f"/v1/escalations/{name}/presentation", by=world.owner)
    assert given.status == 500
    [line] = [line for line in lines if line["event"] == "request_failed"]
    assert (line["escalation_id"], line["request_id"]) == (name, given.json()["request_id"])
