"""A draft of a policy ends without coming into force: taken back, refused, or overtaken by another version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import AgentCredential
from approvals_hub.audit.event import ActorType
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.recall import Recall
from approvals_hub.keys.epoch import Epoch
from approvals_hub.notifications.openleash_webhook import queue_draft_call_in
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.policies import draft_store as store
from approvals_hub.policies.draft import BY_AGENT, IN_FORCE, WITHDRAWN, PolicyDraft, draft_over, draft_unknown
from approvals_hub.policies.keep_drafts import record_draft_in


async def tell_proposer_in(tx: Tx, ended: PolicyDraft, now: int) -> None:
    """Call the program of the agent that proposed it, where it takes OpenLeash's events."""
    if ended.proposer_type == BY_AGENT:
        approved = ended.state == IN_FORCE
        await queue_draft_call_in(tx, ended.org_id, ended.proposed_by, ended.id, now, approved=approved)


@dataclass(frozen=True, slots=True)
class EndDraft:
    """Takes one back; the half that others run inside their own units ends its question with it."""

    db: Database
    advance: Advance
    recall: Recall
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self, by: PersonCredential | OperatorCredential, draft_id: str) -> PolicyDraft:
        """Withdraw one, as somebody who may publish policies. It is a no: it needs no fresh factor.

        Doing it again is the same answer. Raises NotFound, Conflict where it has ended otherwise, Unauthenticated,
        Forbidden.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> PolicyDraft | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_POLICIES)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            found = await store.find(tx, draft_id)
            if found is None or found.org_id != who.org_id:
                return draft_unknown()
            return await self._withdraw_in(tx, found, by=who.actor_id, actor_type=who.actor_type, now=now)

        return settled(await self.db.run(work, org=by.org_id))

    async def by_agent(self, credential: AgentCredential, draft_id: str) -> PolicyDraft:
        """Withdraw one's own. Doing it again is the same answer. Raises NotFound, Conflict, Unauthenticated."""
        now = self.clock.now()

        async def work(tx: Tx) -> PolicyDraft | HubError:
            await tx.lock("orgs", credential.org_id)
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            found = await store.find(tx, draft_id)
            if found is None or found.proposed_by != agent.agent_id:
                return draft_unknown()
            return await self._withdraw_in(tx, found, by=agent.agent_id, actor_type="agent", now=now)

        return settled(await self.db.run(work, org=credential.org_id))

    async def end_in(
        self, tx: Tx, draft: PolicyDraft, *, state: str, cause: str | None, by: str, actor_type: ActorType, now: int
    ) -> PolicyDraft:
        """End it where it is live, and its question with it. How it stands afterwards."""
        ended = await store.end(tx, draft.id, state=state, cause=cause, by=by, at=now)
        if ended is None:
            return await store.find(tx, draft.id) or draft
        await self._drop_question_in(tx, ended, now)
        await record_draft_in(
            tx,
            self.recorder,
            "policy.draft_ended",
            ended,
            actor_type=actor_type,
            actor_id=by,
            now=now,
            decision=state if cause is None else f"{state}:{cause}",
        )
        if by != ended.proposed_by:
            await tell_proposer_in(tx, ended, now)
        return ended

    async def _withdraw_in(
        self, tx: Tx, draft: PolicyDraft, *, by: str, actor_type: ActorType, now: int
    ) -> PolicyDraft | HubError:
        if draft.state == WITHDRAWN:
            return draft
        if not draft.live:
            return draft_over(draft)
        return await self.end_in(tx, draft, state=WITHDRAWN, cause=None, by=by, actor_type=actor_type, now=now)

    async def _drop_question_in(self, tx: Tx, ended: PolicyDraft, now: int) -> None:
        if ended.escalation_id is None:
            return
        await tx.lock("escalations", ended.escalation_id)
        question = await escalations.find(tx, ended.escalation_id)
        cause = f"draft_{ended.state}"
        if question is not None and question.open:
            await self.advance.end_in(tx, question, state=outcome.WITHDRAWN, by="hub", at=now, cause=cause)
        elif question is not None and question.token_state == outcome.READY:
            await self.recall.revoke_in(tx, question, cause=cause, by="hub", actor_type="hub", now=now)
