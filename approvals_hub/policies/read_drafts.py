"""Shows drafts of policies: an organisation's to its people, an agent's own to the agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.policies import draft_store as store
from approvals_hub.policies.draft import PolicyDraft, draft_unknown
from approvals_hub.policies.keep_drafts import KeepDrafts
from approvals_hub.policies.store import names_here

Reader = PersonCredential | OperatorCredential
ShownDraft = tuple[PolicyDraft, str | None]
"""A draft, and its proposer's words."""


@dataclass(frozen=True, slots=True)
class ReadDrafts:
    """Lists them and shows one."""

    db: Database
    drafts: KeepDrafts
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self, reader: Reader, *, state: str | None = None, before: str | None = None, limit: int = 50
    ) -> list[PolicyDraft]:
        """An organisation's, newest first, one more than `limit`. Raises Unauthenticated, Forbidden without the right
        to read policies."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PolicyDraft] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            found = await store.of_org(tx, who.org_id, state=state, proposed_by=None, before=before, limit=limit + 1)
            names = await names_here(tx, who.org_id, [each.proposed_by for each in found])
            return [msgspec.structs.replace(each, proposer=names.get(each.proposed_by)) for each in found]

        return settled(await self.db.read(work, org=reader.org_id))

    async def one(self, reader: Reader, draft_id: str) -> ShownDraft:
        """One of them. Raises NotFound, Unauthenticated, Forbidden."""
        now = self.clock.now()

        async def work(tx: Tx) -> ShownDraft | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.READ_POLICIES)
            if isinstance(who, HubError):
                return who
            found = await store.find(tx, draft_id)
            if found is None or found.org_id != who.org_id:
                return draft_unknown()
            names = await names_here(tx, who.org_id, [found.proposed_by])
            named = msgspec.structs.replace(found, proposer=names.get(found.proposed_by))
            return named, await self.drafts.why_in(tx, found)

        return settled(await self.db.read(work, org=reader.org_id))

    async def of_agent(
        self, credential: AgentCredential, *, state: str | None = None, before: str | None = None, limit: int = 50
    ) -> list[PolicyDraft]:
        """The agent's own, newest first, one more than `limit`; a paused one may look. Raises Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[PolicyDraft] | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            return await store.of_org(
                tx, agent.org_id, state=state, proposed_by=agent.agent_id, before=before, limit=limit + 1
            )

        return settled(await self.db.run(work, org=credential.org_id))

    async def one_of_agent(self, credential: AgentCredential, draft_id: str) -> ShownDraft:
        """One of the agent's own. Raises NotFound, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> ShownDraft | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            found = await store.find(tx, draft_id)
            if found is None or found.proposed_by != agent.agent_id:
                return draft_unknown()
            return found, await self.drafts.why_in(tx, found)

        return settled(await self.db.run(work, org=credential.org_id))
