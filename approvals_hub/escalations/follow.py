"""Everything an agent has asked, on one socket: what is open or has ended since the agent last looked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from approvals_hub.agents.admit import admit_agent_in, readmit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.wait import Standing, Wait
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch

HEARTBEAT = 15
"""Seconds: nothing for longer than this means that the connection is gone."""
LOOK_BACK = 30 * DAY
"""How far back ended questions are offered to a client that never acknowledged them, in milliseconds."""
PAGE = 200


@dataclass(slots=True)
class Following:
    """One socket's memory: the version of each escalation that the client has."""

    credential: AgentCredential
    known: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Follow:
    """Streams an agent's escalations; None is a heartbeat."""

    db: Database
    bus: Bus
    wait: Wait
    clock: Clock
    epoch: Callable[[], Epoch]
    stopping: Stopping

    async def admit(self, credential: AgentCredential) -> Following:
        """Let the socket in: its request is signed once, its nonce spent here. A paused agent may follow."""
        now = self.clock.now()

        async def work(tx: Tx) -> Agent | HubError:
            return await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)

        settled(await self.db.run(work, org=credential.org_id))
        return Following(credential)

    async def changes(self, following: Following) -> AsyncIterator[Standing | None]:
        """Every escalation whose version is newer than the client's, then each change; ends at a graceful stop.

        Raises Unauthenticated when the agent is revoked meanwhile.
        """
        topic = f"agent:{following.credential.agent_id}"
        with self.bus.subscribe(topic) as subscription:
            while not self.stopping.begun:
                for standing in await self._newer(following):
                    following.known[standing.escalation.id] = standing.escalation.version
                    yield standing
                if not await subscription.wait(HEARTBEAT):
                    yield None

    async def _newer(self, following: Following) -> list[Standing]:
        now = self.clock.now()
        credential = following.credential

        async def work(tx: Tx) -> list[Standing] | HubError:
            agent = await readmit_agent_in(tx, credential, now)
            if isinstance(agent, HubError):
                return agent
            found = await store.unfinished(tx, agent.agent_id, since=now - LOOK_BACK, limit=PAGE)
            return [
                await self.wait.standing_in(tx, escalation, agent.thumbprint, now)
                for escalation in found
                if escalation.version > following.known.get(escalation.id, 0)
            ]

        return settled(await self.db.read(work, org=credential.org_id))
