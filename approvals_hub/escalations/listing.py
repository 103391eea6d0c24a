"""Lists of escalations: an agent's own, or all of an organisation for those who may read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import readable_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.keys.epoch import Epoch
from approvals_hub.orgs.org import Permission
from approvals_hub.people.session import PersonCredential, admit_person_in


@dataclass(frozen=True, slots=True)
class ListEscalations:
    """Newest first, by cursor: `before` is the id of the last one seen."""

    db: Database
    clock: Clock
    epoch: Callable[[], Epoch]

    async def of_agent(
        self, credential: AgentCredential, *, states: tuple[str, ...], before: str | None, limit: int
    ) -> list[Escalation]:
        """The agent's own in one of these states, or all where none is named; a paused one may look."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Escalation] | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            return await store.page(
                tx, org_id=agent.org_id, agent_id=agent.agent_id, states=states, before=before, limit=limit
            )

        return settled(await self.db.run(work, org=credential.org_id))

    async def of_org(
        self, credential: PersonCredential, *, states: tuple[str, ...], before: str | None, limit: int
    ) -> list[Escalation]:
        """All of the organisation. Raises Forbidden without a role that reads them."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Escalation] | HubError:
            session = await admit_person_in(tx, credential, now, Permission.READ_ESCALATIONS)
            if isinstance(session, HubError):
                return session
            return await store.page(tx, org_id=session.org_id, agent_id=None, states=states, before=before, limit=limit)

        return settled(await self.db.read(work, org=credential.org_id))

    async def one_for_person(self, credential: PersonCredential, escalation_id: str) -> Escalation:
        """One that the person was asked, or may read by role. Raises NotFound."""
        now = self.clock.now()

        async def work(tx: Tx) -> Escalation | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation = await store.find(tx, escalation_id)
            if escalation is None or await readable_in(tx, session, escalation, now) is None:
                return unknown()
            return escalation

        return settled(await self.db.read(work, org=credential.org_id))
