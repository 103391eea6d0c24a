"""The main job over real HTTP: an agent asks, a person signs on the phone, the agent gets a token that works once."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from typing import Any

import pytest

from approvals_hub.audit.verify import verify
from approvals_hub.core.clock import to_text
from approvals_hub_client import AsyncHub, Denied
from approvals_hub_client.errors import Conflict
from approvals_hub_client.question import Approved
from tests.flows.world import World

DROP = {"database": "prod-db", "table": "customers", "rows": 128_412, "cascade": True}


async def ask(agent: AsyncHub, **payload: Any) -> Approved:
    """Ask and wait, as an agent does."""
    return await agent.approval(
        "database.drop_table", {**DROP, **payload}, relying_party="prod-db.example.com", justification="clean-up"
    )


async def answered(world: World, agent: AsyncHub, decision: str) -> Approved:
    """An agent asks and waits; the owner sees the question in the inbox and answers it."""
    asking = asyncio.ensure_future(ask(agent))
    inbox = await world.owner.inbox()
    while not inbox["items"]:
        inbox = await world.owner.inbox(wait=5, since=inbox["version"])
    await world.owner.answer(inbox["items"][0]["escalation_id"], decision)
    return await asyncio.wait_for(asking, 10)


async def test_what_a_person_signs_reaches_the_waiting_agent_as_a_token_that_redeems(world: World) -> None:
    agent = await world.agent()
    approved = await answered(world, agent, "approve")
    redemption = await agent.redeem(approved)
    assert (redemption.repeated, redemption.proof["action_type"]) == (False, "database.drop_table")


async def test_a_second_redemption_is_a_conflict_that_says_when_the_first_was(world: World) -> None:
    agent = await world.agent()
    approved = await answered(world, agent, "approve")
    first = await agent.redeem(approved)
    with pytest.raises(Conflict) as refused:
        await agent.executor.redeem(agent.hand_over(approved, idempotency_key="another-run"))
    assert refused.value.status == 409
    assert refused.value.code == "already_redeemed"
    assert refused.value.problem["redeemed_at"][:19] == to_text(first.redeemed_at)[:19]


async def test_a_denied_agent_gets_no_token(world: World) -> None:
    agent = await world.agent()
    with pytest.raises(Denied):
        await answered(world, agent, "deny")


async def test_the_log_of_the_whole_loop_is_exported_over_http_and_verifies_offline(world: World) -> None:
    agent = await world.agent()
    redemption = await agent.redeem(await answered(world, agent, "approve"))
    await agent.report(redemption, "done")
    exported = await world.export()
    assert verify(io.BytesIO(exported)).ok
    assert b"token.reported" in exported


async def test_a_log_with_one_changed_byte_does_not_verify(world: World) -> None:
    agent = await world.agent()
    await agent.redeem(await answered(world, agent, "approve"))
    exported = await world.export()
    forged = exported.replace(b"database.drop_table", b"database.drop_tablf", 1)
    assert forged != exported
    assert not verify(io.BytesIO(forged)).ok


async def test_the_demo_shows_the_whole_job_without_a_person_and_all_of_it_holds() -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "approvals_hub", "demo", "--auto", "--json", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(demo.communicate(), 120)
    told = json.loads(out)
    facts = [told[name] for name in ("outcome", "redeemed", "second_redemption", "audit_verified")]
    assert (demo.returncode, facts) == (0, ["approved", True, 409, True])
