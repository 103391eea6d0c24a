"""An agent's request in one unit: let in, done, and its refusal recorded."""

from __future__ import annotations

import pytest

from approvals_hub.agents.agent import Agent
from approvals_hub.core.errors import Conflict, HubError, Unauthenticated, settled
from approvals_hub.db.database import Tx
from approvals_hub.escalations.escalate import refused
from approvals_hub.escalations.hold_agent import held_agent_in
from tests.unit.hub_fixture import StaffedHub


async def test_a_refusal_is_recorded_for_an_agent_that_is_let_in_and_for_no_other(house: StaffedHub) -> None:
    bot, hub = house.bot, house.hub

    async def refuse_in(_: Tx, agent: Agent) -> str | HubError:
        return Conflict("busy", agent.agent_id, next_step="Wait.")

    async def answer_in(_: Tx, agent: Agent) -> str | HubError:
        return agent.agent_id

    async def held(act_in: object) -> str:
        credential, now = bot.credential(), house.time.now

        async def work(tx: Tx) -> str | HubError:
            recorder = hub.escalate.recorder
            return await held_agent_in(tx, recorder, credential, now, hub.epoch, act_in, refused)  # type: ignore[arg-type]

        return settled(await hub.db.run(work, org=house.org_id))

    assert await held(answer_in) == bot.agent_id
    with pytest.raises(Conflict, match=bot.agent_id):
        await held(refuse_in)
    await hub.govern.set_agent_state(house.operator, house.org_id, bot.agent_id, "revoked")
    with pytest.raises(Unauthenticated):
        await held(refuse_in)
    assert [entry["decision"] for entry in await house.events("escalation.refused")] == ["busy"]
