"""Everything an agent has asked, on one socket: what is open or has ended since the agent last looked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from approvals_hub.agents.admit import admit_agent_in, readmit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.core.clock import DAY, MINUTE, SECOND, Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.ids import first_id
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import LONGEST_LIFE
from approvals_hub.escalations import store
from approvals_hub.escalations.collect import Seen, ToldAgent
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.wait import Wait
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch

HEARTBEAT = 15
"""Seconds: nothing for longer than this means that the connection is gone."""
LOOK_BACK = 30 * DAY
"""How far back ended questions are offered to a client that never acknowledged them, in milliseconds."""
LONGEST_STORY = LOOK_BACK + LONGEST_LIFE * SECOND
"""A question that ended within `LOOK_BACK` was asked within this time, in milliseconds."""
COMMITTING = 2 * MINUTE
"""Questions get their ids before they are committed, so one may appear behind others that were seen already. They are
looked at again for this long, in milliseconds; it covers a slow unit and hubs whose clocks differ."""
PAGE = 200


@dataclass(slots=True)
class Following:
    """One socket's memory. `known` is the version of each escalation that the client has."""

    credential: AgentCredential
    known: dict[str, int] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)
    """Those told of that may still change: open, or approved with a token that waits."""
    caught_up: bool = False

    def remember(self, told: list[Escalation], recent: str, now: int) -> None:
        """Keep what the client has now; what neither changes nor is looked at again is forgotten."""
        for one in told:
            waits = one.open or one.token_state_at(now) == outcome.READY
            (self.unsettled.add if waits else self.unsettled.discard)(one.id)
            if waits or one.id > recent:
                self.known[one.id] = max(one.version, self.known.get(one.id, 0))
            else:
                self.known.pop(one.id, None)


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

    async def changes(self, following: Following) -> AsyncIterator[ToldAgent | None]:
        """Every escalation whose version is newer than the client's, then each change; ends at a graceful stop.

        Raises Unauthenticated when the agent is revoked meanwhile.
        """
        topic = f"agent:{following.credential.agent_id}"
        with self.bus.subscribe(topic) as subscription:
            while not self.stopping.begun:
                async for standing in self._newer(following):
                    yield standing
                if not await subscription.wait(HEARTBEAT):
                    yield None

    async def _newer(self, following: Following) -> AsyncIterator[ToldAgent]:
        """What the client does not have: changes of what it was told of, then what was asked since."""
        unsettled = sorted(following.unsettled)
        for start in range(0, len(unsettled), PAGE):
            for standing in (await self._told_of(following, unsettled[start : start + PAGE]))[0]:
                yield standing
        after: str | None = first_id("esc", COMMITTING if following.caught_up else LONGEST_STORY)
        while after is not None:
            standings, after = await self._asked(following, after)
            for standing in standings:
                yield standing
        following.caught_up = True

    async def _told_of(self, following: Following, ids: list[str]) -> tuple[list[ToldAgent], str | None]:
        return await self._read(following, lambda tx, agent_id: store.some_of_agent(tx, agent_id, ids))

    async def _asked(self, following: Following, after: str) -> tuple[list[ToldAgent], str | None]:
        since = self.clock.now() - LOOK_BACK
        return await self._read(
            following, lambda tx, agent_id: store.unfinished(tx, agent_id, after=after, since=since, limit=PAGE)
        )

    async def _read(
        self, following: Following, find: Callable[[Tx, str], Awaitable[list[Escalation]]]
    ) -> tuple[list[ToldAgent], str | None]:
        """How those stand that the client does not have, and after which id to go on; None behind the last page."""
        now, collect = self.clock.now(), self.wait.collect
        credential = following.credential

        async def work(tx: Tx) -> tuple[Agent, list[Escalation], list[Seen]] | HubError:
            agent = await readmit_agent_in(tx, credential, now)
            if isinstance(agent, HubError):
                return agent
            found = await find(tx, agent.agent_id)
            newer = [one for one in found if one.version > following.known.get(one.id, 0)]
            return agent, found, [await collect.seen_in(tx, one) for one in newer]

        agent, found, seen = settled(await self.db.read(work, org=credential.org_id))
        following.remember(found, first_id("esc", COMMITTING), now)
        return [collect.told(one, agent, now) for one in seen], found[-1].id if len(found) == PAGE else None
