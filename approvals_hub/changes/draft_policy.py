"""An agent proposes a policy for itself or for one of its teams; people decide, and nothing is in force before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals_hub.agents.agent import Agent, AgentCredential, ApiKey
from approvals_hub.audit.event import Event
from approvals_hub.changes.ask_about_draft import AskAboutDraft
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations.escalate import refuse_stopped
from approvals_hub.escalations.hold_agent import held_agent_in
from approvals_hub.escalations.recognise import keyed_in
from approvals_hub.escalations.spend_allowance import refuse_asking_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.policies import store
from approvals_hub.policies.document import AGENT, GROUP, RANK, Policy
from approvals_hub.policies.draft import (
    PUBLISH,
    TEXT_LIMIT,
    PolicyDraft,
    checked_why,
    refuse_reach,
    refuse_text,
)
from approvals_hub.policies.keep_drafts import Proposer, asked_now
from approvals_hub.policies.kept import Binding, KeptPolicy, checked_binding, checked_name, kept_of, refuse_version
from approvals_hub.policies.label_agents import labels_in
from approvals_hub.policies.load import load
from approvals_hub.policies.put_in_force import PutInForce


@dataclass(frozen=True, slots=True)
class DraftPolicy:
    """Keeps a draft and has people asked about it."""

    db: Database
    force: PutInForce
    ask: AskAboutDraft
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(
        self,
        credential: AgentCredential,
        text: str,
        *,
        name: str | None = None,
        team: str | None = None,
        rank: int | None = None,
        version: int | None = None,
        why: str | None = None,
    ) -> PolicyDraft:
        """Propose that this text is in force as the policy `name` (by default one that is called like the agent), for
        the agent or for its `team`. `version` is the one that it was drafted against: the one that stands unless said.
        The very same again, as long as people are asked about it, is the same draft.

        Raises Invalid with line, column and the nearest known word, or the field's path; TooLarge; Forbidden for an
        agent with an API key alone, and for a policy that holds for others; Conflict where another version stands, this
        text is in force already, nobody could be asked, or the organisation is stopped; TooMany; Unauthenticated.
        """
        if isinstance(credential, ApiKey):
            raise Forbidden(
                "signature_needed", "a policy is proposed by a signed request", next_step="Register with a key."
            )
        called = checked_name(credential.agent_id if name is None else name)
        tier, bound_to = (AGENT, credential.agent_id) if team is None else (GROUP, team)
        wanted = checked_binding(Binding(tier, bound_to, RANK if rank is None else rank))
        why = checked_why(why)
        read = refuse_text(text, TEXT_LIMIT) or _read(text)
        now = self.clock.now()

        async def work(tx: Tx) -> PolicyDraft | HubError:
            await tx.lock("orgs", credential.org_id)

            async def act_in(tx: Tx, agent: Agent) -> PolicyDraft | HubError:
                if isinstance(read, HubError):
                    return read
                return await self._draft_in(tx, agent, called, text, read, wanted, version, why, now)

            recorder = self.ask.drafts.recorder
            return await held_agent_in(tx, recorder, credential, now, self.epoch(), act_in, _refused)

        draft = settled(await self.db.run(work, org=credential.org_id))
        return await asked_now(self.ask.one, draft)

    async def _draft_in(
        self,
        tx: Tx,
        agent: Agent,
        name: str,
        text: str,
        read: Policy,
        wanted: Binding,
        version: int | None,
        why: str | None,
        now: int,
    ) -> PolicyDraft | HubError:
        row = await store.find(tx, agent.org_id, name)
        before = None if row is None else kept_of(row)
        teams = frozenset((await labels_in(tx, agent.agent_id)).teams)
        refusal: HubError | None = (
            refuse_stopped(agent)
            or refuse_reach(wanted, agent.agent_id, teams)
            or _refuse_before(before, wanted, text)
            or (None if version is None else refuse_version(before, version))
            or await self.force.refuse_in(tx, agent.org_id, read, before, wanted)
            or await self._refuse_often_in(tx, agent, now)
        )
        if refusal is not None:
            return refusal
        return await self.ask.drafts.keep_in(
            tx,
            Proposer(agent.org_id, "agent", agent.agent_id, agent.owner_id),
            PUBLISH,
            now,
            name=name,
            before=before,
            text=text,
            binding=wanted,
            why=why,
        )

    async def _refuse_often_in(self, tx: Tx, agent: Agent, now: int) -> HubError | None:
        """A draft is a question as every other: it takes its place in what the agent may ask."""
        opening = self.ask.opening
        similar = await keyed_in(tx, opening.vault, agent.org_id, "similarity", "policy-draft")
        return await refuse_asking_in(tx, agent, hub_limits=opening.limits, similarity_hash=similar, people=(), now=now)


def _read(text: str) -> Policy | Invalid:
    try:
        return load(text)
    except Invalid as refusal:
        return refusal


def _refuse_before(before: KeptPolicy | None, wanted: Binding, text: str) -> HubError | None:
    """What holds for others is not the agent's to change, and what stands needs no draft."""
    if before is None:
        return None
    there = before.binding
    if (there.tier, there.bound_to) != (wanted.tier, wanted.bound_to):
        return Forbidden(
            "draft_reaches_others",
            "the policy of this name holds for others than the draft does",
            next_step="Choose another name, or the team that it holds for.",
            field="$.name",
        )
    if (before.text, there) == (text, wanted):
        return Conflict("policy_unchanged", "this very text is in force", next_step="Nothing is to be done.")
    return None


def _refused(agent: Agent, refusal: HubError, now: int) -> Event:
    return Event(
        kind="policy.draft_refused",
        org_id=agent.org_id,
        at=now,
        actor_type="agent",
        actor_id=agent.agent_id,
        agent_id=agent.agent_id,
        decision=refusal.code,
        trust=agent.trust,
        detail={"field": refusal.field},
    )
