"""What an agent is told of its question: what was read in one unit, and what follows from it at a moment."""

from __future__ import annotations

import msgspec

from approvals_hub.agents.admit import readmit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import settled
from approvals_hub.db.database import Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.collect import Seen
from tests.unit.hub_fixture import StaffedHub


async def seen(house: StaffedHub, escalation_id: str) -> tuple[Seen, Agent]:
    credential: AgentCredential = house.bot.credential()

    async def work(tx: Tx) -> tuple[Seen, Agent]:
        agent = settled(await readmit_agent_in(tx, credential, house.time.now))
        escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
        assert escalation is not None
        return await house.hub.wait.collect.seen_in(tx, escalation), agent

    return await house.hub.db.read(work)


async def test_what_was_read_of_an_approval_holds_no_token_and_gives_one_each_time_it_is_told(
    house: StaffedHub,
) -> None:
    token = await house.bot.approved()
    found, agent = await seen(house, token.escalation_id)
    assert "v4.public" not in repr(msgspec.to_builtins(found))
    collect = house.hub.wait.collect
    first = collect.told(found, agent, house.time.now)
    house.time.now += MINUTE
    second = collect.told(found, agent, house.time.now)
    assert first.approval_token is not None
    assert first.approval_token != second.approval_token is not None


async def test_of_what_was_read_no_token_is_made_once_its_time_is_over_or_its_agent_may_not_act(
    house: StaffedHub,
) -> None:
    token = await house.bot.approved()
    found, agent = await seen(house, token.escalation_id)
    collect = house.hub.wait.collect
    assert collect.told(found, agent, house.time.now + 10 * MINUTE).approval_token is None
    for change in ({"state": "paused"}, {"stopped_at": house.time.now}):
        assert collect.told(found, msgspec.structs.replace(agent, **change), house.time.now).approval_token is None
    gone = msgspec.structs.replace(found, counts=False)
    told = collect.told(gone, agent, house.time.now)
    assert (told.approval_token, told.outcome_token is None) == (None, False)


async def test_an_open_question_has_neither_token(house: StaffedHub) -> None:
    found, agent = await seen(house, (await house.bot.ask()).escalation.id)
    told = house.hub.wait.collect.told(found, agent, house.time.now)
    assert (told.approval_token, told.outcome_token, told.reason) == (None, None, None)
    assert told.escalation.salt
