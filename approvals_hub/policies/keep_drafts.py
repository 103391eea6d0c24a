"""Keeps what takes people's word before it counts, inside the unit of work of whoever proposes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from approvals_hub.audit.event import ActorType, Event, Kind
from approvals_hub.audit.record import Recorder
from approvals_hub.core.errors import Conflict, HubError
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.policies import draft_store as store
from approvals_hub.policies.document import OWNER, RANK
from approvals_hub.policies.draft import (
    BY_AGENT,
    DRAFT,
    REFUSED,
    SHOWN_LIMIT,
    PolicyDraft,
    refuse_flood,
    refuse_text,
)
from approvals_hub.policies.kept import Binding, KeptPolicy
from approvals_hub_client.canonical import sha256_text

AskNow = Callable[[str], Awaitable[PolicyDraft]]
"""Asks people about a draft at once; how it stands then."""


class Proposer(msgspec.Struct, frozen=True):
    """Who proposes; `owner_id` is the owner of an agent."""

    org_id: str
    kind: ActorType
    id: str
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeepDrafts:
    """The caller holds the organisation's row, and has checked what is proposed."""

    vault: Vault
    recorder: Recorder

    async def keep_in(
        self,
        tx: Tx,
        by: Proposer,
        change: str,
        now: int,
        *,
        name: str = "",
        before: KeptPolicy | None = None,
        text: str | None = None,
        binding: Binding | None = None,
        source: str | None = None,
        why: str | None = None,
        replaces: int = 0,
        replaces_hash: str | None = None,
    ) -> PolicyDraft | HubError:
        """The new draft, the same one where the very same is proposed already, or why nothing more is kept.

        `replaces` and `replaces_hash` are the version and the hash of what it would replace, where that is no policy.
        """
        bound = binding or (Binding(OWNER, None, RANK) if before is None else before.binding)
        draft = PolicyDraft(
            id=new_id("pdr"),
            org_id=by.org_id,
            change=change,
            state=DRAFT,
            cause=None,
            name=name,
            policy_id=None if before is None else before.policy_id,
            replaces=replaces if before is None else before.version,
            replaces_hash=replaces_hash if before is None else before.hash,
            tier=bound.tier,
            bound_to=bound.bound_to,
            rank=bound.rank,
            body=text,
            hash=None if text is None else sha256_text(text.encode()),
            source=source,
            proposer_type=by.kind,
            proposed_by=by.id,
            owner_id=by.owner_id,
            created_at=now,
            escalation_id=None,
            version=None,
            ended_at=None,
            ended_by=None,
        )
        live = await store.live_of_org(tx, by.org_id)
        same = next((each for each in live if each.same_as(draft)), None)
        if same is not None:
            return same
        mine = [each for each in live if each.proposed_by == by.id and by.kind == BY_AGENT]
        refusal = refuse_flood(len(mine), len(live)) or (None if text is None else refuse_text(text, SHOWN_LIMIT))
        if refusal is not None:
            return refusal
        sealed = None if why is None else await self.vault.seal_in(tx, by.org_id, why.encode(), context_of(draft.id))
        await store.add(tx, draft, why=sealed)
        await record_draft_in(tx, self.recorder, "policy.drafted", draft, actor_type=by.kind, actor_id=by.id, now=now)
        return draft

    async def why_in(self, tx: Tx, draft: PolicyDraft) -> str | None:
        """The proposer's words."""
        sealed = await store.sealed_why(tx, draft.id)
        if sealed is None:
            return None
        return (await self.vault.unseal_in(tx, draft.org_id, sealed, context_of(draft.id))).decode()


async def asked_now(ask_now: AskNow, draft: PolicyDraft) -> PolicyDraft:
    """The draft once people are asked about it. Raises Conflict where nobody could be."""
    return await asked_now_about(ask_now, draft.id)


async def asked_now_about(ask_now: AskNow, draft_id: str) -> PolicyDraft:
    """The same of the draft with this id."""
    asked = await ask_now(draft_id)
    if asked.state != REFUSED:
        return asked
    raise Conflict(
        asked.cause or "no_approvers",
        "it takes another person who may publish policies and has a key; whoever was let in within the last day by the"
        " one who proposes it does not count",
        next_step="Invite another owner or admin (approvals-hub people invite), who enrols a key.",
    )


def context_of(draft_id: str) -> str:
    """What the words are sealed to."""
    return f"policy-draft:{draft_id}"


async def record_draft_in(
    tx: Tx,
    recorder: Recorder,
    kind: Kind,
    draft: PolicyDraft,
    *,
    actor_type: ActorType,
    actor_id: str,
    now: int,
    decision: str | None = None,
) -> None:
    """The entry about a draft: what it would put where, by hash."""
    await recorder.record(
        tx,
        Event(
            kind=kind,
            org_id=draft.org_id,
            at=now,
            actor_type=actor_type,
            actor_id=actor_id,
            agent_id=draft.proposed_by if draft.proposer_type == BY_AGENT else None,
            escalation_id=draft.escalation_id,
            policy_id=draft.policy_id,
            decision=decision,
            detail={
                "draft_id": draft.id,
                "change": draft.change,
                "name": draft.name or None,
                "before": draft.replaces_hash,
                "after": draft.hash,
                "replaces": draft.replaces,
                "tier": draft.tier,
                "bound_to": draft.bound_to,
                "rank": draft.rank,
                "proposed_by": draft.proposed_by,
            },
        ),
    )
