"""The clock jumps, the audit log cannot be written or sealed: what ended stays ended, and nothing is approved."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from typing import Any

import asyncpg
import pytest

from approvals_hub.cli.demo_phone import Refused
from approvals_hub.db.database import Tx
from approvals_hub_client import AsyncHub, Expired
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.errors import NotAuthorised
from approvals_hub_client.errors import Refused as AgentRefused
from approvals_hub_client.question import Approved, Question, new_action
from approvals_hub_client.statement import signed_bytes
from approvals_hub_client.times import to_milliseconds
from tests.flows.signed import proven
from tests.flows.world import Given, World

HOUR = 3_600.0
REFUSE_ENTRIES = {
    "sqlite": """
        CREATE TRIGGER no_entries BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no room'); END;
    """,
    "postgres": """
        CREATE FUNCTION no_entries() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER no_entries BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION no_entries();
    """,
}
ALLOW_ENTRIES = {"sqlite": "DROP TRIGGER no_entries", "postgres": "DROP TRIGGER no_entries ON audit_entries"}
FAILS = {"sqlite": 500, "postgres": 503}
"""A full disk is known to be one and told as 503; SQLite can only be made to fail as nobody foresees, which is 500."""


async def ask(agent: AsyncHub) -> Question:
    return await agent.ask("db.drop", {"n": os.urandom(4).hex()}, relying_party="db.example.com")


async def approved(world: World, agent: AsyncHub) -> Approved:
    question = await ask(agent)
    await world.owner.answer(question.escalation_id, "approve")
    return await agent.wait(question, within=5)


async def test_a_clock_that_jumps_ahead_ends_questions_and_approves_none_of_them(world: World) -> None:
    agent = await world.agent()
    question = await ask(agent)
    statement = await world.owner.look(question.escalation_id)
    world.time.pass_seconds(HOUR)
    with pytest.raises(Refused) as refused:
        await world.owner.send(question.escalation_id, statement, "approve")
    assert refused.value.status == 409
    assert await count(world, "decisions") == 0


async def test_a_question_that_ended_in_a_jump_ahead_stays_ended_when_the_clock_is_put_back(world: World) -> None:
    agent = await world.agent()
    question = await ask(agent)
    statement = await world.owner.look(question.escalation_id)
    world.time.pass_seconds(HOUR)
    await world.hub.advance()
    world.time.pass_seconds(-HOUR)
    with pytest.raises(Refused) as refused:
        await world.owner.send(question.escalation_id, statement, "approve")
    assert (refused.value.status, refused.value.problem["code"]) == (409, "escalation_ended")
    with pytest.raises(Expired):
        await agent.wait(question)


async def test_a_token_that_ran_out_in_a_jump_ahead_is_not_redeemed(world: World) -> None:
    agent = await world.agent()
    approval = await approved(world, agent)
    world.time.pass_seconds(HOUR)
    with pytest.raises(NotAuthorised):
        await agent.executor.redeem(agent.hand_over(approval))
    assert await count(world, "redemptions") == 0


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
async def test_a_token_that_was_spent_is_not_spent_again_after_a_jump(world: World, seconds: float) -> None:
    agent = await world.agent()
    approval = await approved(world, agent)
    await agent.redeem(approval)
    world.time.pass_seconds(seconds)
    with pytest.raises(AgentRefused) as refused:
        await agent.executor.redeem(agent.hand_over(approval, idempotency_key="again"))
    assert refused.value.status in (401, 409)
    assert await count(world, "redemptions") == 1


async def test_an_agent_whose_clock_the_hub_left_is_told_the_hubs_time_and_gets_on_with_it(world: World) -> None:
    agent = await world.agent()
    # Back, too, but not to before this copy of the database began to count.
    for seconds in (2 * HOUR, -HOUR / 6):
        world.time.pass_seconds(seconds)
        refused = await as_agent(world, agent, "GET", "/v1/agent")
        assert (refused.status, refused.json()["code"]) == (401, "signature_outside_window")
        assert abs(to_milliseconds(refused.json()["now"]) - world.hub.clock.now()) < 10_000
        assert (await agent.redeem(await approved(world, agent))).proof["action_type"] == "db.drop"


async def test_where_no_entry_of_the_log_can_be_written_nothing_is_asked_answered_or_spent(world: World) -> None:
    agent = await world.agent()
    approval, question = await approved(world, agent), await ask(agent)
    statement = await world.owner.look(question.escalation_id)
    before = await state(world)
    await change(world, REFUSE_ENTRIES)
    # At once: where a unit is tried again and again, each of them takes seconds to give up.
    attempts = await asyncio.gather(
        answer(world, statement, "approve"),
        answer(world, statement, "deny"),
        world.send("POST", "/v1/tokens/redeem", body=agent.hand_over(approval)),
        as_agent(world, agent, "POST", "/v1/escalations", {"action": action(agent)}),
        as_agent(world, agent, "DELETE", f"/v1/escalations/{question.escalation_id}"),
    )
    assert [attempt.status for attempt in attempts] == [FAILS[engine(world)]] * 5
    assert await state(world) == before


async def test_what_failed_with_the_log_comes_true_when_the_log_can_be_written_again(world: World) -> None:
    agent = await world.agent()
    question = await ask(agent)
    statement = await world.owner.look(question.escalation_id)
    await change(world, REFUSE_ENTRIES)
    with pytest.raises(Refused):
        await world.owner.send(question.escalation_id, statement, "approve")
    await change(world, ALLOW_ENTRIES)
    await world.owner.send(question.escalation_id, statement, "approve")
    redeemed = await agent.redeem(await agent.wait(question))
    assert redeemed.escalation_id == question.escalation_id
    assert (await count(world, "decisions"), await count(world, "redemptions")) == (1, 1)


async def test_a_log_that_cannot_go_on_stops_readiness_and_approvals_and_lets_people_deny(world: World) -> None:
    agent = await world.agent()
    statement = await world.owner.look((await ask(agent)).escalation_id)
    edited = "UPDATE audit_entries SET actor_id = 'nobody', body = mac WHERE idx IS NULL"
    await change(world, {"sqlite": edited, "postgres": f"SET hub.org = '*'; {edited}"})
    await world.hub.sealer.seal_all()
    given = [await world.send("GET", "/healthz/ready"), await answer(world, statement, "approve")]
    assert [(each.status, each.json()["code"]) for each in given] == [(503, "log_behind")] * 2
    assert (await answer(world, statement, "deny")).status == 200


async def answer(world: World, statement: dict[str, Any], decision: str) -> Given:
    """Send a signed answer of the owner."""
    complete = {**statement, "decision": decision}
    signature = b64u(world.owner.key.sign(signed_bytes(complete)))
    body = {"statement": b64u(dumps(complete)), "signature": signature}
    return await world.send(
        "POST", f"/v1/escalations/{statement['escalation_id']}/decisions", by=world.owner, body=body
    )


async def as_agent(world: World, agent: AsyncHub, method: str, path: str, body: dict[str, Any] | None = None) -> Given:
    """Send a signed request, once."""
    headers, raw = proven(agent.credential, method, path, body, os.urandom(4).hex() if body else "")
    return await world.send(method, path, raw=raw, headers=headers)


def action(agent: AsyncHub) -> dict[str, Any]:
    return new_action("db.drop", {"n": 2}, credential=agent.credential, now=agent.transport.clock())


def engine(world: World) -> str:
    return "sqlite" if world.place.database.startswith("sqlite:") else "postgres"


async def change(world: World, script: dict[str, str]) -> None:
    """Change the database behind the hub's back."""
    if engine(world) == "sqlite":
        with closing(sqlite3.connect(world.place.database.removeprefix("sqlite:"))) as file:
            file.executescript(script["sqlite"])
        return
    connection = await asyncpg.connect(world.place.database)
    await connection.execute(script["postgres"])
    await connection.close()


async def count(world: World, table: str) -> int:
    return len(await rows(world, table))


async def rows(world: World, table: str) -> list[Any]:
    async def work(tx: Tx) -> list[Any]:
        return [dict(row) for row in await tx.rows(f"SELECT * FROM {table}")]

    return await world.hub.db.read(work)


async def state(world: World) -> dict[str, Any]:
    """Everything that an answer, a redemption or a question would change."""
    tables = ("escalations", "decisions", "redemptions", "outbox", "audit_entries", "request_nonces")
    return {table: await rows(world, table) for table in tables}
