"""An escalation as a noun: its states, and what follows from them."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub.core.row import Row
from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import Requirement, stored

HUB = "hub"
"""Stands for the agent, and for how it proved itself, where the hub itself asks. No agent has this id."""
HUB_NAME = "Approvals Hub"
INBOX = "inbox"


class Escalation(Discreet, msgspec.Struct, frozen=True):
    """One question and how it stands; times in milliseconds. The action itself lies sealed beside it.

    `similarity_hash` is the keyed form: it compares questions of one organisation and says nothing by itself. `salt` is
    empty unless it was unsealed for the agent that asked.
    """

    not_printed = ("salt", "match_code")

    id: str
    org_id: str
    agent_id: str
    trust: str
    revision: int
    revises: str | None
    action_id: str
    action_type: str
    action_hash: str
    similarity_hash: str
    presentation_hash: str
    requirement: str
    requirement_hash: str
    audience: str
    salt: str
    state: str
    version: int
    ended_by: str | None
    cause: str | None
    created_at: int
    expires_at: int
    latest_expiry: int
    seen_at: int | None
    ended_at: int | None
    epoch: str
    jti: str | None
    token_state: str | None
    token_cause: str | None
    approval: str | None
    valid_until: int | None
    stage: int = 0
    """How many stages of its quorum were complete so far."""
    effective_at: int | None = None
    """When its approval takes effect, while it has all its votes and waits for that time."""
    delivery: str = INBOX
    """`inbox`: nobody is told by a channel. Else what is known of its reaching somebody."""
    repeats: int = 0
    """How many times more its agent asked the very same while it was open."""
    beside: str | None = None
    """What is frozen beside the requirement: see `domain/beside.py`."""
    policy: str | None = None
    """The policy that decided that people are asked, as JSON; None where the organisation has none."""
    match_code: str | None = None
    """For the agent that asked, while it is open; never stored, hence the last member."""

    @property
    def open(self) -> bool:
        """Whether people may still answer, as far as the state says; the clock may say otherwise."""
        return self.state == outcome.OPEN

    def asked(self) -> Requirement:
        """The frozen requirement."""
        return stored(self.requirement)

    def decided_by(self) -> dict[str, Any]:
        """That policy's `id`, `version`, `hash`, and the `rule_id`; empty where there is none."""
        return {} if self.policy is None else msgspec.json.decode(self.policy)

    def overdue(self, now: int) -> bool:
        """Whether its time is over though nobody has written that down yet."""
        return self.open and now >= self.expires_at

    def waited(self, now: int) -> bool:
        """Whether it has all its votes and the time that they waited for has come."""
        return self.open and self.effective_at is not None and now >= self.effective_at

    def token_state_at(self, now: int) -> str | None:
        """The token's state at this moment: a ready one expires by itself."""
        if self.token_state == outcome.READY and self.valid_until is not None and now >= self.valid_until:
            return outcome.EXPIRED
        return self.token_state


STORED = Escalation.__struct_fields__[:-1]
COLUMNS = ", ".join(STORED)


def of(row: Row | dict[str, Any]) -> Escalation:
    """The escalation of a stored row that has `COLUMNS`, in this order and nothing else; or of their values by name."""
    # By place: half of what reading one costs is finding its forty values by name.
    return Escalation(**row) if isinstance(row, dict) else Escalation(*row)


class Question(msgspec.Struct, frozen=True):
    """What lies sealed beside an escalation: the salted action, and the asker's words."""

    action: dict[str, Any]
    justification: str | None


class Approval(msgspec.Struct, frozen=True):
    """Who approved and how surely: kept with the escalation for its tokens. `acr` is the lowest counted one."""

    acr: str
    amr: list[str]
    methods: list[str]
    approvers: list[dict[str, Any]]
    statement_hashes: list[str]
    decision_id: str
    answered_at: dict[str, int] = {}
    """How many stages were complete when each of them approved, where that was any."""
    auth_ref: list[str] = []
    """The providers' own references of the step-ups that were used."""


class Reason(msgspec.Struct, frozen=True):
    """Why somebody denied, told to the agent as data; and the hash of the statement that they signed."""

    code: str | None
    text: str | None
    statement_hash: str | None = None
