"""An agent asks people about one exact action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents import store as agents
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, Invalid, TooMany, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.escalations import allowance_store as allowance
from approvals_hub.escalations import store
from approvals_hub.escalations.asked import Asked, ask
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.hold_agent import held_agent_in
from approvals_hub.escalations.opening import Opening
from approvals_hub.escalations.recognise import keyed_in, salted_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault

OPEN_LIMIT = 1000
"""Open questions an agent may have at once."""
IDEMPOTENCY_LIFE = DAY
"""How long an Idempotency-Key is remembered, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What an agent sends to open an escalation. `request_hash` covers the whole body; `requirement` is what it asks of
    people beside what its organisation does."""

    action: Any
    justification: str | None
    expires_in: int | None
    key: str
    request_hash: bytes
    requirement: dict[str, Any] | None = None
    callback_url: str | None = None
    """Where the agent's program is called when the question has ended."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The escalation, and whether it stood already (the same key, or the same open action)."""

    escalation: Escalation
    repeated: bool


@dataclass(frozen=True, slots=True)
class Escalate:
    """Opens an escalation, once for each Idempotency-Key and each open action."""

    db: Database
    opening: Opening
    recorder: Recorder
    clock: Clock
    epoch: Callable[[], Epoch]

    async def __call__(self, credential: AgentCredential, asking: Asking) -> Opened:
        """Ask. An identical open action of the same agent returns the same escalation.

        Raises Invalid, Forbidden (another principal or subject), Conflict (nobody may answer, or the organisation is
        stopped), TooMany, Unauthenticated.
        """
        now = self.clock.now()
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
            )
        except HubError as refusal:
            asked = refusal

        async def work(tx: Tx) -> Opened | HubError:
            async def act_in(tx: Tx, agent: Agent) -> Opened | HubError:
                return await self.open_in(tx, agent, asked, asking, now)

            return await held_agent_in(tx, self.recorder, credential, now, self.epoch(), act_in, refused)

        return settled(await self.db.run(work, org=credential.org_id))

    async def open_in(
        self, tx: Tx, agent: Agent, asked: Asked | HubError, asking: Asking, now: int
    ) -> Opened | HubError:
        """The same in a unit that has let the agent in (`held_agent_in`)."""
        vault = self.opening.vault
        before = await first_result_in(tx, vault, agent, asking, now)
        if before is not None:
            return before
        if isinstance(asked, HubError):
            return asked
        refusal: HubError | None = refuse_subject(agent, asked) or refuse_stopped(agent)
        if refusal is not None:
            return refusal
        plain_hash = await keyed_in(tx, vault, agent.org_id, "plain", asked.plain_hash)
        twin, crowded = await store.open_before(
            tx, agent_id=agent.agent_id, plain_hash=plain_hash, now=now, most=OPEN_LIMIT
        )
        if twin is None:
            if crowded:
                return TooMany(
                    "too_many_open",
                    f"{OPEN_LIMIT} questions of this agent are open",
                    next_step="Wait for answers, or withdraw questions that are no longer needed.",
                    retry_after=30,
                )
            opened = await self.opening.open_in(tx, agent, asked, now)
            if isinstance(opened, HubError):
                return opened
            result = Opened(opened, repeated=False)
        else:
            refusal = await self._refuse_twin_in(tx, agent, asked, twin, now)
            refusal = refusal or await self.opening.refuse_callback_in(tx, agent, asked)
            if refusal is not None:
                return refusal
            await self.opening.plan_call_in(tx, agent, asked, twin.id, now)
            await allowance.count_repeat(tx, twin.id)
            result = Opened(await salted_in(tx, vault, twin), repeated=True)
        await keep_result_in(tx, vault, agent, asking, result.escalation.id, now)
        return result

    async def _refuse_twin_in(self, tx: Tx, agent: Agent, asked: Asked, twin: Escalation, now: int) -> HubError | None:
        """An open question that asks less than the request does is no answer to it, nor one that policies deny now."""
        if asked.requirement is None and agent.policies_version == 0:
            return None
        judged = await self.opening.judged_in(tx, agent, asked, now, holds=False, but=twin.id)
        if isinstance(judged, HubError):
            return judged
        there = twin.asked()
        wanted = msgspec.structs.replace(judged.frozen.requirement, expires_in=there.expires_in)
        if not there.asks_less_than(wanted):
            return None
        return Conflict(
            "open_with_less",
            "the same action is asked already, and that question asks less of people than this request does",
            next_step=f"Withdraw it, or revise it with what you ask: {twin.id}.",
            extra={"escalation_id": twin.id},
        )


async def first_result_in(tx: Tx, vault: Vault, agent: Agent, asking: Asking, now: int) -> Opened | HubError | None:
    """What this agent's Idempotency-Key made before, None, or a refusal where the body was another one."""
    row = await agents.idempotent_result(tx, caller=agent.agent_id, key=asking.key, now=now)
    if row is None:
        return None
    if row["request_hash"] != await vault.keyed_in(tx, agent.org_id, "request", asking.request_hash):
        return Invalid(
            "idempotency_key_reused",
            "this Idempotency-Key was used with another body",
            next_step="Use a new key for a new request.",
            field="Idempotency-Key",
        )
    escalation = await store.find(tx, row["result"])
    assert escalation is not None
    return Opened(await salted_in(tx, vault, escalation), repeated=True)


async def keep_result_in(tx: Tx, vault: Vault, agent: Agent, asking: Asking, result: str, now: int) -> None:
    """Remember what the key made, and a keyed hash of the request: the body holds the payload."""
    await agents.keep_idempotent_result(
        tx,
        caller=agent.agent_id,
        key=asking.key,
        request_hash=await vault.keyed_in(tx, agent.org_id, "request", asking.request_hash),
        result=result,
        expires_at=now + IDEMPOTENCY_LIFE,
    )


def refuse_subject(agent: Agent, asked: Asked) -> Forbidden | None:
    """An agent acts for its organisation or its owner, for nobody else."""
    subject = asked.action.subject_id
    if subject in (agent.org_id, agent.owner_id) or subject == agent.known_owner:
        return None
    return Forbidden(
        "subject_not_allowed",
        "this agent may act for its organisation or its owner only",
        next_step=f"Send {agent.org_id} or {agent.owner_id}.",
        field="$.action.subject.principal_id",
    )


def refuse_stopped(agent: Agent) -> Conflict | None:
    """A stopped organisation asks nobody."""
    if agent.stopped_at is None:
        return None
    return Conflict("org_stopped", "the organisation has stopped all agents", next_step="An owner or admin resumes it.")


def refused(agent: Agent, refusal: HubError, now: int) -> Event:
    """The audit event of a question that was not opened."""
    return Event(
        kind="escalation.refused",
        org_id=agent.org_id,
        at=now,
        actor_type="agent",
        actor_id=agent.agent_id,
        agent_id=agent.agent_id,
        decision=refusal.code,
        policy_id=refusal.extra.get("policy_id"),
        trust=agent.trust,
        detail={"field": refusal.field, "rule_id": refusal.extra.get("rule_id")},
    )
