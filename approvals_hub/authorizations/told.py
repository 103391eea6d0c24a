"""What an agent is told about an action that it asked about before it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.policies.decision import Decision
from approvals_hub.policies.label_agents import Labels
from approvals_hub.policies.standing import Standing
from approvals_hub.policies.trace import Outlined


class Told(Discreet, msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told about an action; times in milliseconds."""

    not_printed = ("salt", "proof_token", "action")

    decision_id: str
    action_id: str
    action_hash: str
    salt: str
    decision: Decision
    decided_at: int = 0
    proof_jti: str | None = None
    proof_token: str | None = None
    proof_expires_at: int | None = None
    trust_profile: str | None = None
    """How far the organisation trusts the counterparty, whatever the agent says; None where there is none."""
    prev: list[str] = []
    """Hashes of the counterparties' proofs that it relied on."""
    action: dict[str, Any] | None = None
    """What was asked, kept so that a dry run can decide it once more; never told. None in answers of before."""
    labels: Labels | None = None
    """What was said of the agent then."""
    standing: Standing | None = None
    """What stood in the organisation then; None in answers of before."""


def kept(told: Told, action: dict[str, Any], labels: Labels) -> bytes:
    """What is sealed of an answer: all that decided, beside the policies."""
    return msgspec.json.encode(msgspec.structs.replace(told, action=action, labels=labels))


def told_before(plain: bytes) -> Told:
    """The answer as it was told."""
    return msgspec.structs.replace(msgspec.json.decode(plain, type=Told), action=None, labels=None)


@dataclass(frozen=True, slots=True)
class Authorized:
    """The answer, the question that people are asked where it takes people, and whether it was given before."""

    told: Told
    escalation: Escalation | None
    repeated: bool
    trace: list[Outlined] | None = None
    """How the rules came out, where it was asked for."""
