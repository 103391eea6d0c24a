"""Opens one escalation inside a unit of work: shared by asking anew, by revising, and by the hub itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.agents.agent import API_KEY, OPENLEASH, Agent
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, SECOND
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.escalations import allowance_store as allowance
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations import store
from approvals_hub.escalations.asked import Asked
from approvals_hub.escalations.delegates import delegates_in
from approvals_hub.escalations.escalation import HUB, Escalation
from approvals_hub.escalations.freeze import Frozen
from approvals_hub.escalations.judge import Judged, judge_in
from approvals_hub.escalations.match_number import with_code_in
from approvals_hub.escalations.recognise import keyed_in, sealed_salt_in
from approvals_hub.escalations.requester import Requester
from approvals_hub.escalations.routes import Routes, frozen_text, tells_people
from approvals_hub.escalations.spend_allowance import refuse_asking_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.notifications.callbacks import plan_call_in, refuse_callback_in
from approvals_hub.notifications.openleash_webhook import plan_request_call_in
from approvals_hub.notifications.outbox import queue_opened
from approvals_hub.policies.consult import policy_text, reserve_in
from approvals_hub.policies.relying_party import Trust
from approvals_hub.policies.standing import Standing
from approvals_hub.routing.timetable import TRYING


@dataclass(frozen=True, slots=True)
class Opening:
    """Writes a new escalation, its inbox lines, its audit entry and its outbox row."""

    vault: Vault
    recorder: Recorder
    epoch: Callable[[], Epoch]
    routes: Routes
    limits: HubLimits

    async def open_in(
        self, tx: Tx, agent: Agent, asked: Asked, now: int, *, instead_of: str | None = None
    ) -> Escalation | HubError:
        """The new escalation, or why a policy denies the action, the organisation's requirement cannot be met, or the
        agent may not ask so much. `instead_of` is the question that ends with this one."""
        judged = await self.judged_in(tx, agent, asked, now, but=instead_of)
        if isinstance(judged, HubError):
            return judged
        frozen = judged.frozen
        asked_now, beside = frozen.requirement.asked_at(0), beside_of(frozen, (agent.owner_id,))
        refusal = await self.refuse_callback_in(tx, agent, asked) or await refuse_asking_in(
            tx,
            agent,
            hub_limits=self.limits,
            similarity_hash=await keyed_in(tx, self.vault, agent.org_id, "similarity", asked.similarity_hash),
            people={*asked_now, *await delegates_in(tx, agent.org_id, asked_now, beside, now)},
            now=now,
        )
        if refusal is not None:
            return refusal
        opened = await self.store_in(tx, agent, asked, judged.frozen, now, barred=(agent.owner_id,), judged=judged)
        await reserve_in(tx, agent.org_id, judged.decision, now, escalation_id=opened.id)
        await self.plan_call_in(tx, agent, asked, opened.id, now)
        return await with_code_in(tx, self.vault, opened)

    async def refuse_callback_in(self, tx: Tx, agent: Agent, asked: Asked) -> HubError | None:
        """Why the address that the agent names is not one where it may be called; None where it names none."""
        return None if asked.callback_url is None else await refuse_callback_in(tx, agent, asked.callback_url)

    async def plan_call_in(self, tx: Tx, agent: Agent, asked: Asked, escalation_id: str, now: int) -> None:
        """Have the agent called when this question has ended, if it names an address, or said one when it joined."""
        if agent.trust == OPENLEASH:
            await plan_request_call_in(tx, agent.org_id, agent.agent_id, escalation_id, now)
        if asked.callback_url is not None:
            await plan_call_in(tx, self.vault, agent, escalation_id, asked.callback_url, now)

    async def judged_in(
        self, tx: Tx, agent: Agent, asked: Asked, now: int, *, holds: bool = True, but: str | None = None
    ) -> Judged | HubError:
        """What people are asked if it opens now, or why they are not. See `judge_in`."""
        members, more = asked.action.members, asked.requirement
        return await judge_in(tx, agent, members, now, expires_in=asked.expires_in, tighter=more, holds=holds, but=but)

    async def store_in(
        self,
        tx: Tx,
        by: Requester,
        asked: Asked,
        frozen: Frozen,
        now: int,
        *,
        barred: tuple[str, ...],
        judged: Judged | None = None,
    ) -> Escalation:
        """The new escalation, for people and a rule that are settled already. `barred` stand in for none of them."""
        plain_hash = await keyed_in(tx, self.vault, by.org_id, "plain", asked.plain_hash)
        similarity_hash = await keyed_in(tx, self.vault, by.org_id, "similarity", asked.similarity_hash)
        beside = beside_of(frozen, barred)
        policy = None if judged is None else policy_text(judged.decision)
        escalation = self._escalation(by, asked, similarity_hash, frozen, beside, policy, now)
        standing = None if judged is None else judged.standing
        sealed = await self.vault.seal_in(tx, by.org_id, asked.question(standing), f"escalation:{escalation.id}")
        route = None if judged is None else judged.route
        stages = await self.routes.stages_in(tx, escalation, beside, route, urgent=frozen.urgent)
        if tells_people(stages):
            escalation = msgspec.structs.replace(escalation, delivery=TRYING)
        await store.add(
            tx,
            id=escalation.id,
            org_id=escalation.org_id,
            agent_id=escalation.agent_id,
            trust=escalation.trust,
            revision=escalation.revision,
            revises=escalation.revises,
            action_id=escalation.action_id,
            action_type=escalation.action_type,
            action_hash=escalation.action_hash,
            plain_hash=plain_hash,
            similarity_hash=similarity_hash,
            presentation_hash=escalation.presentation_hash,
            requirement=escalation.requirement,
            requirement_hash=escalation.requirement_hash,
            audience=escalation.audience,
            salt=await sealed_salt_in(tx, self.vault, escalation),
            sealed=sealed,
            created_at=escalation.created_at,
            expires_at=escalation.expires_at,
            latest_expiry=escalation.latest_expiry,
            epoch=escalation.epoch,
            delivery=escalation.delivery,
            shown_length=len(asked.canonical) + len(asked.justification or ""),
            routing=None if stages is None else frozen_text(stages),
            beside=escalation.beside,
            policy=escalation.policy,
        )
        people = tuple(sorted(frozen.requirement.asked_at(0)))
        await inbox.put(
            tx, people=people, escalation_id=escalation.id, org_id=by.org_id, expires_at=escalation.expires_at
        )
        delegates = await delegates_in(tx, by.org_id, people, beside, now)
        await allowance.count_prompts(tx, org_id=by.org_id, people=(*people, *delegates), day=now // DAY)
        trust = None if judged is None else judged.trust
        entry = opened(escalation, frozen.owner_counts, now, trust, standing, decision_id=asked.decision_id)
        await self.recorder.record(tx, entry)
        await queue_opened(
            tx,
            escalation_id=escalation.id,
            org_id=by.org_id,
            at=now,
            until=escalation.expires_at,
            by_channel=stages is not None,
        )
        for person_id in people:
            tx.changed(f"inbox:{person_id}")
        return escalation

    def _escalation(
        self,
        by: Requester,
        asked: Asked,
        similarity_hash: str,
        frozen: Frozen,
        beside: Beside,
        policy: str | None,
        now: int,
    ) -> Escalation:
        return Escalation(
            id=asked.escalation_id,
            org_id=by.org_id,
            agent_id=by.agent_id,
            trust=by.trust,
            revision=asked.revision,
            revises=asked.revises,
            action_id=asked.action.action_id,
            action_type=asked.action.action_type,
            action_hash=asked.action_hash,
            similarity_hash=similarity_hash,
            presentation_hash=asked.presentation_hash,
            requirement=frozen.text,
            requirement_hash=frozen.hash,
            audience=asked.audience,
            salt=asked.salt,
            state="open",
            version=1,
            ended_by=None,
            cause=None,
            created_at=now,
            expires_at=now + frozen.requirement.expires_in * SECOND,
            latest_expiry=now + frozen.requirement.longest * SECOND,
            seen_at=None,
            ended_at=None,
            epoch=self.epoch().epoch_id,
            jti=None,
            token_state=None,
            token_cause=None,
            approval=None,
            valid_until=None,
            beside=beside.text(),
            policy=policy,
        )


def opened(
    escalation: Escalation,
    owner_counts: str | None,
    now: int,
    trust: Trust | None,
    standing: Standing | None = None,
    *,
    decision_id: str | None = None,
) -> Event:
    """The audit event of a new question, with why the agent's own owner may answer it, where they may, how far the
    counterparty is trusted, what stood in the organisation, and which decision wanted people."""
    return Event(
        kind="escalation.opened",
        org_id=escalation.org_id,
        at=now,
        actor_type="hub" if escalation.agent_id == HUB else "agent",
        actor_id=escalation.agent_id,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        policy_id=escalation.decided_by().get("id"),
        trust=escalation.trust,
        signature_valid=None if escalation.trust in (API_KEY, HUB) else True,
        detail={
            "action_hash": escalation.action_hash,
            "presentation_hash": escalation.presentation_hash,
            "requirement_hash": escalation.requirement_hash,
            "revision": escalation.revision,
            "revises": escalation.revises,
            "owner_counts": owner_counts,
            **({} if trust is None else trust.recorded()),
            **({} if standing is None else standing.recorded()),
            **({} if decision_id is None else {"decision_id": decision_id}),
        },
    )


def beside_of(frozen: Frozen, barred: tuple[str, ...]) -> Beside:
    """Who may stand in for somebody who is asked; `barred` for none of them."""
    return Beside(barred=tuple(sorted(set(barred))), others=frozen.others, veto=frozen.veto)
