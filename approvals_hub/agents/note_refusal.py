"""What somebody known tried in vain leaves an entry: whoever stole a session or a key tries what it is good for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.event import Detail, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Database, Tx
from approvals_hub.keys.epoch import Epoch
from approvals_hub.people.session import PersonCredential, session_in


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Records a request that was refused before anything was looked at."""

    db: Database
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self, by: PersonCredential | AgentCredential, request: str, refusal: HubError, claimed: Sequence[str] = ()
    ) -> bool:
        """Record it, to be called before it is answered; whether it was. `request` is one of a closed list, as it is
        not erased; `claimed` are names of levels that the sender said of itself.

        Nothing is recorded of a session that has ended meanwhile, of an agent that may not act, and of a signed request
        that was received before: nobody is known to be behind it.
        """
        now, epoch_started = self.clock.now(), self.epoch().started
        detail: Detail = {"request": request, **({"claimed": list(claimed)} if claimed else {})}

        async def work(tx: Tx) -> bool:
            if isinstance(by, PersonCredential):
                session = await session_in(tx, by, now)
                if isinstance(session, HubError):
                    return False
                org_id, actor_id, trust = session.org_id, session.person_id, None
            else:
                agent = await admit_agent_in(tx, by, now, epoch_started=epoch_started, monitor_may=True)
                if isinstance(agent, HubError):
                    return False
                org_id, actor_id, trust = agent.org_id, agent.agent_id, agent.trust
            await self.recorder.record(
                tx,
                Event(
                    kind="request.refused",
                    org_id=org_id,
                    at=now,
                    actor_type="person" if trust is None else "agent",
                    actor_id=actor_id,
                    agent_id=None if trust is None else actor_id,
                    decision=refusal.code,
                    trust=trust,
                    detail=detail,
                ),
            )
            return True

        return await self.db.run(work, org=by.org_id)
