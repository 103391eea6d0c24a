"""An agent reads how its question stands, and waits until that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec

from approvals_hub.agents.admit import admit_agent_in, judge_again, key_in, readmit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, ReadAhead, Row, Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.collect import Collect, Seen, ToldAgent
from approvals_hub.escalations.escalation import Escalation, Question
from approvals_hub.escalations.recognise import question_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.routing.timetable import UNREACHABLE

LONGEST_WAIT = 60
"""Seconds."""
DEFAULT_WAIT = 25
"""Seconds, when only `since` is given."""
REREAD = 15
"""Seconds after which a waiter reads again though nobody woke it: a lost message costs this much at most."""
LOOKS = 32
"""Waiters that read again at a time. More would stand in line for a connection of the database, which gives them up
after a while: at a stop thousands are woken at once, and each is to be answered."""

Looked = tuple[Row | None, Seen | None]
"""The row of the asker's key, and the question where it is the asker's; as they were read in one unit."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a waiter reads again and again: its nonce is spent, its agent may have been revoked since.

    No closure: each of ten thousand would cost a quarter of a kilobyte more.
    """

    collect: Collect
    credential: AgentCredential
    escalation_id: str

    async def in_unit(self, tx: Tx) -> Looked:
        """Read it."""
        key = await key_in(tx, self.credential)
        escalation = None if key is None else await store.find_of_agent(tx, self.escalation_id, key["agent_id"])
        return key, None if escalation is None else await self.collect.seen_in(tx, escalation)


@dataclass(frozen=True, slots=True)
class Wait:
    """Answers with the present state, or with the first change within the time asked for."""

    db: Database
    bus: Bus
    vault: Vault
    collect: Collect
    advance: Advance
    clock: Clock
    epoch: Callable[[], Epoch]
    stopping: Stopping
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOOKS))

    async def __call__(
        self, credential: AgentCredential, escalation_id: str, *, since: int | None = None, seconds: float = 0
    ) -> ToldAgent:
        """How it stands. With `seconds`: as long as it is open, or, with `since`, as long as its version is that one.

        Raises NotFound for another agent's escalation, Unauthenticated also when the agent is revoked meanwhile.
        """
        subscription = self.bus.subscribe(escalation_id) if seconds > 0 else None
        ahead: ReadAhead[Looked] | None = None
        try:
            standing = await self._enter(credential, escalation_id)
            if subscription is None or not _waits(standing.escalation, since):
                return standing
            end, delivery = monotonic() + seconds, standing.escalation.delivery
            look = Look(self.collect, credential, escalation_id)
            ahead = self.db.read_ahead(escalation_id, look.in_unit)
            while (left := end - monotonic()) > 0 and not self.stopping.begun:
                # Thousands wait for minutes: none of them keeps its question in memory meanwhile.
                del standing
                await subscription.wait(min(left, REREAD))
                async with self.turns:
                    standing = await self._look(look, ahead)
                if not _waits(standing.escalation, since) or _was_lost(standing.escalation, delivery):
                    return standing
                delivery = standing.escalation.delivery
            return msgspec.structs.replace(standing, unchanged=True)
        finally:
            if subscription is not None:
                subscription.close()
            if ahead is not None:
                ahead.close()

    async def _enter(self, credential: AgentCredential, escalation_id: str) -> ToldAgent:
        """The first read: it spends the request's nonce, and ends a question whose time is over."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Agent, Seen] | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
            if escalation is None:
                return unknown()
            if escalation.overdue(now):
                escalation = await self.advance.expire_in(tx, escalation, now)
            return agent, await self.collect.seen_in(tx, escalation)

        agent, seen = settled(await self.db.run(work, org=credential.org_id))
        return self.collect.told(seen, agent, now)

    async def _look(self, look: Look, ahead: ReadAhead[Looked]) -> ToldAgent:
        """How it stands behind a change: as it was read with that change's commit, or is read now.

        The times in it are judged at this moment, however it was read.
        """
        looked = ahead.take()
        if looked is None:
            looked = await self.db.read(look.in_unit, org=look.credential.org_id)
        (key, seen), now = looked, self.clock.now()
        agent = settled(judge_again(key, look.credential, now))
        if seen is None:
            raise unknown()
        return self.collect.told(seen, agent, now)

    async def action(self, credential: AgentCredential, escalation_id: str) -> dict[str, Any]:
        """The action of a question, as it was hashed. See `question`."""
        return (await self.question(credential, escalation_id)).action

    async def question(self, credential: AgentCredential, escalation_id: str) -> Question:
        """What was asked, for its agent alone, in another of whose requests it was admitted.

        Raises NotFound for another agent's, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> bytes | HubError:
            agent = await readmit_agent_in(tx, credential, now)
            if isinstance(agent, HubError):
                return agent
            if await store.find_of_agent(tx, escalation_id, agent.agent_id) is None:
                return unknown()
            return await question_in(tx, self.vault, agent.org_id, escalation_id)

        plain = settled(await self.db.read(work, org=credential.org_id))
        return msgspec.json.decode(plain, type=Question)


def _was_lost(escalation: Escalation, before: str) -> bool:
    """Whether it became known meanwhile that nobody can be reached: whoever asks hears that at once."""
    return before != UNREACHABLE and escalation.delivery == UNREACHABLE


def _waits(escalation: Escalation, since: int | None) -> bool:
    return escalation.open if since is None else escalation.version == since
