"""An agent reads about itself; members read about the organisation's agents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.agents import store
from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.agents.invite import Inviter, admit_inviter_in
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.orgs.org import Permission


class AgentKey(msgspec.Struct, frozen=True):
    """One key of an agent; of an API key nothing but its id is ever shown again."""

    key_id: str
    kind: str
    created_at: int
    valid_until: int | None


class AgentRecord(msgspec.Struct, frozen=True):
    """An agent as the hub keeps it; times in milliseconds."""

    agent_id: str
    org_id: str
    name: str
    role: str
    owner_id: str
    state: str
    cause: str | None
    created_at: int
    last_seen_at: int | None
    keys: list[AgentKey]
    barred_approvers: int | None
    """How often an approver of its questions typed so many wrong numbers that their approval was barred. None for the
    agent itself: it is the organisation's to look into."""
    known_as: str | None = None
    """The name that an OpenLeash agent goes by."""


@dataclass(frozen=True, slots=True)
class ReadAgents:
    """Answers who an agent is."""

    db: Database
    clock: Clock
    epoch: Callable[[], Epoch]

    async def itself(self, credential: AgentCredential) -> AgentRecord:
        """The calling agent; a paused one may look too."""
        now = self.clock.now()

        async def work(tx: Tx) -> AgentRecord | HubError:
            began = self.epoch().started
            agent = await admit_agent_in(tx, credential, now, epoch_started=began, paused_may=True, monitor_may=True)
            if isinstance(agent, HubError):
                return agent
            await store.seen(tx, agent.agent_id, at=now)
            found = await record_in(tx, agent.agent_id)
            return found if isinstance(found, HubError) else msgspec.structs.replace(found, barred_approvers=None)

        return settled(await self.db.run(work, org=credential.org_id))

    async def of_org(self, reader: Inviter, org_id: str) -> list[AgentRecord]:
        """All agents of an organisation, for those whose role reads them, and for the operator."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[AgentRecord] | HubError:
            who = await admit_inviter_in(tx, reader, org_id, now, Permission.READ_AGENTS)
            if isinstance(who, HubError):
                return who
            return [await _record_of(tx, row) for row in await store.agents(tx, org_id)]

        return settled(await self.db.read(work, org=reader.org_id))


async def record_in(tx: Tx, agent_id: str) -> AgentRecord | HubError:
    """One agent with its keys."""
    row = await store.agent(tx, agent_id)
    return agent_unknown() if row is None else await _record_of(tx, row)


def agent_unknown() -> NotFound:
    """It does not exist, or belongs to another organisation: the same answer."""
    return NotFound("agent_not_found", "there is no such agent", next_step="See: approvals-hub agents list")


async def _record_of(tx: Tx, row: Row) -> AgentRecord:
    keys = [
        AgentKey(key["id"], "signed", key["created_at"], key["valid_until"]) for key in await store.keys(tx, row["id"])
    ]
    keys += [
        AgentKey(key["id"], "api_key", key["created_at"], key["revoked_at"])
        for key in await store.api_keys(tx, row["id"])
    ]
    return AgentRecord(
        agent_id=row["id"],
        org_id=row["org_id"],
        name=row["name"],
        role=row["role"],
        owner_id=row["owner_id"],
        state=row["state"],
        cause=row["cause"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        keys=keys,
        barred_approvers=row["barred"],
        known_as=row["handle"],
    )
