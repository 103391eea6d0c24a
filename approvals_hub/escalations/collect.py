"""What the asking agent is told of its question: read in a unit of work, told from what was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.agents.agent import Agent
from approvals_hub.core.discreet import Discreet
from approvals_hub.db.database import Tx
from approvals_hub.domain import outcome
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import Escalation, Reason
from approvals_hub.escalations.recognise import salted_in
from approvals_hub.keys.epoch import Epoch
from approvals_hub.keys.vault import Vault
from approvals_hub.tokens.mint import Mint
from approvals_hub.tokens.spendable import Spendable, still_approved_in, void
from approvals_hub.tokens.token import Subject


class ToldAgent(Discreet, msgspec.Struct, frozen=True):
    """What the asking agent, and nobody else, is told."""

    not_printed = ("approval_token",)

    escalation: Escalation
    reason: Reason | None = None
    approval_token: str | None = None
    outcome_token: str | None = None
    unchanged: bool = False


class Seen(msgspec.Struct, frozen=True):
    """What was read of a question. What its agent is told follows from it at any moment, until something changes."""

    escalation: Escalation
    """With its salt, and its number while it is open."""
    approval: dict[str, Any] | None = None
    counts: bool = False
    """Whether there is a token, and those who approved it still count."""
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Collect:
    """Reads an outcome, and signs it anew each time it is told: nothing usable waits in the database."""

    vault: Vault
    mint: Mint
    epoch: Callable[[], Epoch]

    async def seen_in(self, tx: Tx, escalation: Escalation) -> Seen:
        """All that the database has to say about an escalation that was read in this unit."""
        escalation = await salted_in(tx, self.vault, escalation)
        if escalation.open:
            return Seen(escalation)
        approval = None if escalation.approval is None else msgspec.json.decode(escalation.approval)
        counts = False
        if approval is not None and escalation.token_state == outcome.READY:
            counts = await still_approved_in(
                tx, escalation.org_id, escalation.asked(), approval, opened_at=escalation.created_at
            )
        return Seen(escalation, approval, counts, await self._reason_in(tx, escalation))

    def told(self, seen: Seen, agent: Agent, now: int) -> ToldAgent:
        """What the agent is told of it at this moment; mints its tokens."""
        escalation, approval = seen.escalation, seen.approval
        if escalation.open:
            return ToldAgent(escalation)
        subject = subject_of(escalation, self.mint.issuer)
        token = None
        if approval is not None and seen.counts and self._spendable(escalation, agent, now):
            assert escalation.jti is not None
            assert escalation.valid_until is not None
            token = self.mint.approval(
                subject,
                jti=escalation.jti,
                valid_until=escalation.valid_until,
                approval=approval,
                thumbprint=agent.thumbprint,
            )
        outcome_token = self.mint.outcome(
            subject,
            outcome=escalation.state,
            by=escalation.ended_by,
            cause=escalation.cause,
            ended_at=escalation.ended_at or now,
            statement_hashes=_statements(approval, seen.reason),
        )
        return ToldAgent(escalation, seen.reason, token, outcome_token)

    def _spendable(self, escalation: Escalation, agent: Agent, now: int) -> bool:
        """Both were read in one unit: the same as `tokens.store.token` reads, without reading it again."""
        assert escalation.valid_until is not None
        assert escalation.approval is not None
        token = Spendable(
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
        return void(token, epoch=self.epoch().epoch_id, now=now) is None

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


def _statements(approval: dict[str, Any] | None, reason: Reason | None) -> list[str]:
    """The hashes of the statements that brought the outcome about."""
    if approval is not None:
        return list(approval["statement_hashes"])
    return [] if reason is None or reason.statement_hash is None else [reason.statement_hash]
