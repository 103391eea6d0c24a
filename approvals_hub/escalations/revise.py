"""An edited action is a new question that takes the old one's place in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub.escalations.escalate import (
    Asking,
    Opened,
    first_result_in,
    keep_result_in,
    refuse_stopped,
    refuse_subject,
    refused,
)
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.hold_agent import held_agent_in
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.recall import Recall
from approvals_hub.escalations.refusals import ended_conflict, unknown
from approvals_hub.keys.epoch import Epoch


@dataclass(frozen=True, slots=True)
class Revise:
    """Opens revision + 1 with an id, people and votes of its own; the old question ends `superseded`.

    An approved, unredeemed old one has its token revoked; after redemption, or any other end, there is nothing left
    to revise.
    """

    db: Database
    opening: Opening
    advance: Advance
    recall: Recall
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self, credential: AgentCredential, escalation_id: str, asking: Asking) -> Opened:
        """Revise. Raises NotFound, Conflict, and what escalating raises."""
        now = self.clock.now()
        revision = await self._next_revision(credential, escalation_id)
        asked: Asked | HubError
        try:
            asked = ask(
                asking.action,
                agent_id=credential.agent_id,
                justification=asking.justification,
                expires_in=asking.expires_in,
                now=now,
                requirement=asking.requirement,
                callback_url=asking.callback_url,
                revision=revision,
                revises=escalation_id,
            )
        except HubError as refusal:
            asked = refusal

        async def work(tx: Tx) -> Opened | HubError:
            async def act_in(tx: Tx, agent: Agent) -> Opened | HubError:
                return await self._revise_in(tx, agent, escalation_id, asked, asking, now)

            return await held_agent_in(tx, self.recorder, credential, now, self.epoch(), act_in, refused)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _next_revision(self, credential: AgentCredential, escalation_id: str) -> int:
        """The number that the new question shows; it depends on the old one alone, which never changes."""

        async def work(tx: Tx) -> Escalation | None:
            return await store.find_of_agent(tx, escalation_id, credential.agent_id)

        escalation = await self.db.read(work, org=credential.org_id)
        return 1 if escalation is None else escalation.revision + 1

    async def _revise_in(
        self, tx: Tx, agent: Agent, escalation_id: str, asked: Asked | HubError, asking: Asking, now: int
    ) -> Opened | HubError:
        before = await first_result_in(tx, self.opening.vault, agent, asking, now)
        if before is not None:
            return before
        await tx.lock("escalations", escalation_id)
        old = await store.find_of_agent(tx, escalation_id, agent.agent_id)
        if old is None:
            return unknown()
        if isinstance(asked, HubError):
            return asked
        if old.overdue(now):
            old = await self.advance.expire_in(tx, old, now)
        refusal = refuse_subject(agent, asked) or refuse_stopped(agent)
        if refusal is None and not old.open and old.token_state_at(now) != outcome.READY:
            refusal = ended_conflict(old)
        if refusal is not None:
            return refusal
        new = await self.opening.open_in(tx, agent, asked, now, instead_of=old.id)
        if isinstance(new, HubError):
            return new
        if old.open:
            await self.advance.end_in(
                tx, old, state=outcome.SUPERSEDED, by=agent.agent_id, cause=new.id, at=now, actor_type="agent"
            )
        else:
            await self.recall.revoke_in(tx, old, cause="superseded", by=agent.agent_id, actor_type="agent", now=now)
        await keep_result_in(tx, self.opening.vault, agent, asking, new.id, now)
        return Opened(new, repeated=False)
