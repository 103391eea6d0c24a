"""An agent reads how its question stands, and waits until that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec

from approvals_hub.agents.admit import admit_agent_in, readmit_agent_in
from approvals_hub.agents.agent import Agent, AgentCredential
from approvals_hub.core.clock import Clock
from approvals_hub.core.discreet import Discreet
from approvals_hub.core.errors import HubError, settled
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.advance import Advance
from approvals_hub.escalations.escalation import Escalation, Question, Reason
from approvals_hub.escalations.recognise import question_in, salted_in
from approvals_hub.escalations.refusals import unknown
from approvals_hub.events.bus import Bus
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.routing.timetable import UNREACHABLE
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.spendable import Spendable, why_not
from approvals_hub.tokens.token import Subject

LONGEST_WAIT = 60
"""Seconds."""
DEFAULT_WAIT = 25
"""Seconds, when only `since` is given."""
REREAD = 15
"""Seconds after which a waiter reads again though nobody woke it: a lost message costs this much at most."""
LOOKS = 32
"""Waiters that read again at a time. More would stand in line for a connection of the database, which gives them up
after a while: at a stop thousands are woken at once, and each is to be answered."""


class Standing(Discreet, msgspec.Struct, frozen=True):
    """What the asking agent, and nobody else, is told."""

    not_printed = ("approval_token",)

    escalation: Escalation
    reason: Reason | None = None
    approval_token: str | None = None
    outcome_token: str | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Answers with the present state, or with the first change within the time asked for."""

    db: Database
    bus: Bus
    vault: Vault
    mint: Mint
    advance: Advance
    clock: Clock
    epoch: Callable[[], Epoch]
    stopping: Stopping
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOOKS))

    async def __call__(
        self, credential: AgentCredential, escalation_id: str, *, since: int | None = None, seconds: float = 0
    ) -> Standing:
        """How it stands. With `seconds`: as long as it is open, or, with `since`, as long as its version is that one.

        Raises NotFound for another agent's escalation, Unauthenticated also when the agent is revoked meanwhile.
        """
        subscription = self.bus.subscribe(escalation_id) if seconds > 0 else None
        try:
            standing = await self._enter(credential, escalation_id)
            if subscription is None or not _waits(standing.escalation, since):
                return standing
            end, delivery = monotonic() + seconds, standing.escalation.delivery
            while (left := end - monotonic()) > 0 and not self.stopping.begun:
                # Thousands wait for minutes: none of them keeps its question in memory meanwhile.
                del standing
                await subscription.wait(min(left, REREAD))
                async with self.turns:
                    standing = await self._look(credential, escalation_id)
                if not _waits(standing.escalation, since) or _was_lost(standing.escalation, delivery):
                    return standing
                delivery = standing.escalation.delivery
            return msgspec.structs.replace(standing, unchanged=True)
        finally:
            if subscription is not None:
                subscription.close()

    async def _enter(self, credential: AgentCredential, escalation_id: str) -> Standing:
        """The first read: it spends the request's nonce, and ends a question whose time is over."""
        now = self.clock.now()

        async def work(tx: Tx) -> Standing | HubError:
            agent = await admit_agent_in(tx, credential, now, epoch_started=self.epoch().started, paused_may=True)
            if isinstance(agent, HubError):
                return agent
            escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
            if escalation is None:
                return unknown()
            if escalation.overdue(now):
                escalation = await self.advance.expire_in(tx, escalation, now)
            return await self.standing_in(tx, escalation, agent, now)

        return settled(await self.db.run(work, org=credential.org_id))

    async def _look(self, credential: AgentCredential, escalation_id: str) -> Standing:
        """A later read by the same request: its nonce is spent, its agent may have been revoked since."""
        now = self.clock.now()

        async def work(tx: Tx) -> Standing | HubError:
            agent = await readmit_agent_in(tx, credential, now)
            if isinstance(agent, HubError):
                return agent
            escalation = await store.find_of_agent(tx, escalation_id, agent.agent_id)
            return unknown() if escalation is None else await self.standing_in(tx, escalation, agent, now)

        return settled(await self.db.read(work, org=credential.org_id))

    async def action(self, credential: AgentCredential, escalation_id: str) -> dict[str, Any]:
        """The action of a question, as it was hashed. See `question`."""
        return (await self.question(credential, escalation_id)).action

    async def question(self, credential: AgentCredential, escalation_id: str) -> Question:
        """What was asked, for its agent alone, in another of whose requests it was admitted.

        Raises NotFound for another agent's, Unauthenticated.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> bytes | HubError:
            agent = await readmit_agent_in(tx, credential, now)
            if isinstance(agent, HubError):
                return agent
            if await store.find_of_agent(tx, escalation_id, agent.agent_id) is None:
                return unknown()
            return await question_in(tx, self.vault, agent.org_id, escalation_id)

        plain = settled(await self.db.read(work, org=credential.org_id))
        return msgspec.json.decode(plain, type=Question)

    async def standing_in(self, tx: Tx, escalation: Escalation, agent: Agent, now: int) -> Standing:
        """What the agent is told of an escalation; mints its tokens."""
        escalation = await salted_in(tx, self.vault, escalation)
        if escalation.open:
            return Standing(escalation)
        subject = subject_of(escalation, self.mint.issuer)
        approval = None if escalation.approval is None else msgspec.json.decode(escalation.approval)
        token = None
        if approval is not None and escalation.token_state_at(now) == outcome.READY:
            assert escalation.jti is not None
            assert escalation.valid_until is not None
            spendable = _spendable(escalation, agent)
            if await why_not(tx, spendable, epoch=self.epoch().epoch_id, now=now) is None:
                token = self.mint.approval(
                    subject,
                    jti=escalation.jti,
                    valid_until=escalation.valid_until,
                    approval=approval,
                    thumbprint=agent.thumbprint,
                )
        reason = await self._reason_in(tx, escalation)
        outcome_token = self.mint.outcome(
            subject,
            outcome=escalation.state,
            by=escalation.ended_by,
            cause=escalation.cause,
            ended_at=escalation.ended_at or now,
            statement_hashes=_statements(approval, reason),
        )
        return Standing(escalation, reason, token, outcome_token)

    async def _reason_in(self, tx: Tx, escalation: Escalation) -> Reason | None:
        if escalation.state not in (outcome.DENIED, outcome.NOT_ME):
            return None
        sealed = await store.sealed_reason(tx, escalation.id)
        if sealed is None:
            return None
        plain = await self.vault.unseal_in(tx, escalation.org_id, sealed, f"reason:{escalation.id}")
        return msgspec.json.decode(plain, type=Reason)


def subject_of(escalation: Escalation, issuer: str) -> Subject:
    """What the tokens of an escalation are about."""
    return Subject(
        issuer=issuer,
        org_id=escalation.org_id,
        agent_id=escalation.agent_id,
        escalation_id=escalation.id,
        revision=escalation.revision,
        action_id=escalation.action_id,
        action_type=escalation.action_type,
        action_hash=escalation.action_hash,
        audience=escalation.audience,
        policy=escalation.decided_by(),
    )


def _spendable(escalation: Escalation, agent: Agent) -> Spendable:
    """Both were read in this unit: the same as `tokens.store.token` reads, without reading it again."""
    assert escalation.valid_until is not None
    assert escalation.approval is not None
    return Spendable(
        escalation.org_id,
        escalation.epoch,
        escalation.token_state,
        escalation.token_cause,
        escalation.valid_until,
        agent.state,
        agent.stopped_at,
        escalation.approval,
        escalation.requirement,
        escalation.created_at,
    )


def _statements(approval: dict[str, Any] | None, reason: Reason | None) -> list[str]:
    """The hashes of the statements that brought the outcome about."""
    if approval is not None:
        return list(approval["statement_hashes"])
    return [] if reason is None or reason.statement_hash is None else [reason.statement_hash]


def _was_lost(escalation: Escalation, before: str) -> bool:
    """Whether it became known meanwhile that nobody can be reached: whoever asks hears that at once."""
    return before != UNREACHABLE and escalation.delivery == UNREACHABLE


def _waits(escalation: Escalation, since: int | None) -> bool:
    return escalation.open if since is None else escalation.version == since
