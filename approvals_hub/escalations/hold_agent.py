"""An agent asks for something in a unit of work: let in, one request at a time, and its refusal recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import HubError, T
from approvals_hub.db.database import Tx
from approvals_hub.keys.epoch import Epoch


async def held_agent_in(
    tx: Tx,
    recorder: Recorder,
    credential: AgentCredential,
    now: int,
    epoch: Epoch,
    act_in: Callable[[Tx, Agent], Awaitable[T | HubError]],
    refused: Callable[[Agent, HubError, int], Event],
) -> T | HubError:
    """What `act_in` answers the agent, once it is let in; a refusal is recorded as `refused` says.

    Whoever is not let in leaves no entry of its own: refusals before authentication are counted elsewhere.
    """
    agent = await hold_agent_in(tx, credential, now, epoch)
    if isinstance(agent, HubError):
        return agent
    result = await act_in(tx, agent)
    if isinstance(result, HubError):
        await recorder.record(tx, refused(agent, result, now))
    return result


async def hold_agent_in(tx: Tx, credential: AgentCredential, now: int, epoch: Epoch) -> Agent | HubError:
    """Let the agent in, one question at a time, so that two requests at once see each other.

    Otherwise a repeated request would open a second question, and an agent that is paused or stopped at this moment
    would leave one open.
    """
    await tx.lock("agents", credential.agent_id)
    return await admit_agent_in(tx, credential, now, epoch_started=epoch.started)
