"""Carries out what people decided about drafts of policies. Nothing of a draft is in force before.

An answer is not acted on by its request: the approved question with its unspent token *is* the queued change, and this
worker takes it from there. It may run late, twice, in two processes, or after a crash: each draft is judged and changed
in one unit of work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.changes.ask_about_draft import standing_in, still_fits_in
from approvals_hub.changes.change_trust import ChangeTrust
from approvals_hub.changes.change_who_answers import ChangeWhoAnswers
from approvals_hub.changes.end_draft import EndDraft, tell_proposer_in
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Invalid
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.escalation import HUB, Escalation
from approvals_hub.escalations.recall import approver_ids
from approvals_hub.keys.epoch import Epoch
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.person import OPERATOR
from approvals_hub.people.who_answers import TRUST, WHO_ANSWERS
from approvals_hub.policies import draft_store as store
from approvals_hub.policies.draft import (
    BY_AGENT,
    IN_FORCE,
    LABEL,
    ONE_PERSON,
    OPEN,
    PUBLISH,
    REFUSED,
    STALE,
    PolicyDraft,
)
from approvals_hub.policies.keep_drafts import record_draft_in
from approvals_hub.policies.label_agents import Labels, label_in
from approvals_hub.policies.load import load
from approvals_hub.policies.put_in_force import By, PutInForce
from approvals_hub.tokens.spendable import still_approved_in

PAGE = 100
"""Drafts carried out in one turn."""


@dataclass(frozen=True, slots=True)
class CarryOutDrafts:
    """Puts approved drafts in force, and ends the others."""

    db: Database
    force: PutInForce
    who_answers: ChangeWhoAnswers
    trust: ChangeTrust
    end: EndDraft
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self) -> int:
        """Act on everything that is due; returns how many drafts were looked at."""
        due = await self.db.read(lambda tx: store.due(tx, PAGE))
        for draft in due:
            await self._one(draft.id, draft.org_id)
        return len(due)

    async def _one(self, draft_id: str, org_id: str) -> None:
        async def work(tx: Tx) -> None:
            await tx.lock("orgs", org_id)
            now = self.clock.now()
            draft = await store.find(tx, draft_id)
            if draft is None or draft.state != OPEN or draft.escalation_id is None:
                return
            await tx.lock("escalations", draft.escalation_id)
            question = await escalations.find(tx, draft.escalation_id)
            if question is not None:
                await self._settle_in(tx, draft, question, now)

        await self.db.run(work)

    async def _settle_in(self, tx: Tx, draft: PolicyDraft, question: Escalation, now: int) -> None:
        if not question.open and question.state != outcome.APPROVED:
            return await self._end_in(tx, draft, REFUSED, question.state, now)
        if not await still_fits_in(tx, draft):
            return await self._end_in(tx, draft, STALE, "version_changed", now)
        cause = await self._proposer_gone_in(tx, draft)
        if cause is None and not question.open:
            cause = await self._not_approved_in(tx, draft, question, now) or await self._unfit_in(tx, draft)
        if cause is not None:
            return await self._end_in(tx, draft, REFUSED, cause, now)
        if not question.open:
            await self._carry_out_in(tx, draft, question, now)
        return None

    async def _end_in(self, tx: Tx, draft: PolicyDraft, state: str, cause: str, now: int) -> None:
        await self.end.end_in(tx, draft, state=state, cause=cause, by=HUB, actor_type="hub", now=now)

    async def _proposer_gone_in(self, tx: Tx, draft: PolicyDraft) -> str | None:
        """Why whoever proposed it may not any more."""
        if draft.proposer_type == BY_AGENT:
            agent = await agents.agent(tx, draft.proposed_by)
            state = "gone" if agent is None else str(agent["state"])
            return None if state == "active" else f"agent_{state}"
        if draft.proposer_type == OPERATOR:
            return None
        able = await self._may_publish_in(tx, draft.org_id, {draft.proposed_by})
        return None if able else "proposer_gone"

    async def _not_approved_in(self, tx: Tx, draft: PolicyDraft, question: Escalation, now: int) -> str | None:
        """Why the approval does not stand any more."""
        if question.token_state_at(now) != outcome.READY:
            return question.token_cause or outcome.EXPIRED
        if question.epoch != self.epoch().epoch_id:
            return "restored_copy"
        assert question.approval is not None
        approval, opened_at = msgspec.json.decode(question.approval), question.created_at
        stands = await still_approved_in(tx, draft.org_id, question.asked(), approval, opened_at=opened_at)
        # Who answered in somebody's place, or has lost the role since, decides about no policy.
        able = await self._may_publish_in(tx, draft.org_id, approver_ids(question.approval))
        return None if stands and able else "approver_gone"

    async def _unfit_in(self, tx: Tx, draft: PolicyDraft) -> str | None:
        """Why the text cannot be in force here: what it names may be gone since it was drafted."""
        if draft.change in WHO_ANSWERS:
            return await self.who_answers.unfit_in(tx, draft)
        if draft.change in TRUST:
            return await self.trust.unfit_in(tx, draft)
        if draft.change != PUBLISH:
            return None
        assert draft.body is not None
        try:
            read = load(draft.body)
        except Invalid as unreadable:
            return unreadable.code
        refusal = await self.force.refuse_in(tx, draft.org_id, read, await standing_in(tx, draft), draft.binding)
        return None if refusal is None else refusal.code

    async def _carry_out_in(self, tx: Tx, draft: PolicyDraft, question: Escalation, now: int) -> None:
        spent = await escalations.change_token(tx, question.id, new=outcome.REDEEMED, cause=None)
        assert spent is not None  # the row is held since it was judged
        tx.changed(question.id)
        by = By(draft.org_id, "hub", HUB, draft.proposed_by, draft.id, question.id)
        before = await standing_in(tx, draft)
        version: int | None = None
        if draft.change == PUBLISH:
            assert draft.body is not None
            assert draft.hash is not None
            made = await self.force.publish_in(
                tx,
                by,
                new_id("pol"),
                draft.name,
                draft.body,
                draft.hash,
                before,
                draft.binding,
                draft.source,
                now,
            )
            version = made.version
        elif draft.change == ONE_PERSON:
            await self.force.end_second_person_in(tx, by, now)
        elif draft.change == LABEL:
            assert draft.body is not None
            labels = msgspec.json.decode(draft.body, type=Labels)
            await label_in(tx, self.end.recorder, by, draft.name, labels, now)
        elif draft.change in WHO_ANSWERS:
            version = await self.who_answers.change_in(tx, draft, question.id, now)
        elif draft.change in TRUST:
            await self.trust.change_in(tx, draft, question.id, now)
        else:
            assert before is not None
            await self.force.remove_in(tx, by, before, now)
        ended = await store.end(tx, draft.id, state=IN_FORCE, cause=None, by=HUB, at=now, version=version)
        assert ended is not None
        await record_draft_in(
            tx,
            self.end.recorder,
            "policy.draft_ended",
            ended,
            actor_type="hub",
            actor_id=HUB,
            now=now,
            decision=IN_FORCE,
        )
        await tell_proposer_in(tx, ended, now)

    @staticmethod
    async def _may_publish_in(tx: Tx, org_id: str, wanted: set[str]) -> bool:
        """Whether all of these are active members whose roles let them publish."""
        held = await orgs.roles_of(tx, org_id, sorted(wanted))
        allowed = [Permission.GOVERN_POLICIES in permissions(frozenset(roles.split())) for roles in held.values()]
        return len(held) == len(wanted) and all(allowed)
