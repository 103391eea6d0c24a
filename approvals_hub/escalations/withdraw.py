"""An agent takes its question back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.recognise import salted_unless_refused_in
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.escalations.refused import refused_request
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.people.acting import Acting


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Ends an open question as `withdrawn`; voids the unredeemed token of an approved one."""

    db: Database
    vault: Vault
    advance: Advance
    recall: Recall
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self, credential: AgentCredential, escalation_id: str) -> Escalation:
        """Withdraw. Doing it again is the same answer. Raises NotFound, Conflict with the outcome that stands."""
        now = self.clock.now()

        async def work(tx: Tx) -> Escalation | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            await tx.lock("escalations", escalation_id)
            escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
            result = unknown() if escalation is None else await self._withdraw_in(tx, escalation, agent.agent_id, now)
            if isinstance(result, HubError):
                by = Acting(agent.org_id, "agent", agent.agent_id, frozenset())
                await self.recorder.record(tx, refused_request("withdraw", result, by, escalation, now))
            return await salted_unless_refused_in(tx, self.vault, result)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _withdraw_in(self, tx: Tx, escalation: Escalation, by: str, now: int) -> Escalation | HubError:
        if escalation.overdue(now):
            escalation = await self.advance.expire_in(tx, escalation, now)
        if escalation.open:
            ended = await self.advance.end_in(
                tx, escalation, state=outcome.WITHDRAWN, by=by, at=now, actor_type="agent"
            )
            return ended or escalation
        if outcome.WITHDRAWN in (escalation.state, escalation.token_cause):
            return escalation
        if escalation.token_state_at(now) == outcome.READY:
            return await self.recall.revoke_in(tx, escalation, cause="withdrawn", by=by, actor_type="agent", now=now)
        return ended_conflict(escalation)
