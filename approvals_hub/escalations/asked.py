"""An agent's question, checked and hashed before the unit of work that opens it."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from approvals_hub.core.errors import Invalid
from approvals_hub.core.ids import new_id
from approvals_hub.domain.action import Action, audience, hashed, parse_action
from approvals_hub.domain.presentation import hash_of
from approvals_hub.policies.standing import Standing
from approvals_hub_client.canonical import b64u, dumps

JUSTIFICATION_LIMIT = 280
"""Characters."""


class Asked(msgspec.Struct, frozen=True):
    """An agent's question, checked and hashed before the unit of work, so that the unit only compares and stores."""

    escalation_id: str
    revision: int
    revises: str | None
    action: Action
    canonical: bytes
    action_hash: str
    plain_hash: str
    similarity_hash: str
    audience: str
    salted: dict[str, Any]
    """The action with its salt, of which people are shown everything."""
    salt: str
    """Empty where the agent speaks OpenLeash, which hashes an action as it is asked."""
    justification: str | None
    expires_in: int | None
    requirement: dict[str, Any] | None = None
    """What it asks of people beside what the organisation does."""
    callback_url: str | None = None
    """Where the agent's program is called when it has ended."""
    shown: str | None = None
    """The hash of what people are shown; None as long as it is not known that they are."""
    decision_id: str | None = None
    """The policies' decision that wants people; None where the agent asks them directly."""

    @property
    def presentation_hash(self) -> str:
        """The hash of what people are shown."""
        if self.shown is not None:
            return self.shown
        return hash_of(
            self.salted,
            escalation_id=self.escalation_id,
            revision=self.revision,
            audience=self.audience,
            justification=self.justification,
        )

    def question(self, standing: Standing | None = None) -> bytes:
        """What is sealed beside the escalation; `standing` is what stood when policies were asked about it."""
        stood = b"" if standing is None else b',"standing":%b' % msgspec.json.encode(standing)
        return b'{"action":%b,"justification":%b%b}' % (self.canonical, dumps(self.justification), stood)


def ask(
    value: Any,
    *,
    agent_id: str,
    justification: str | None,
    expires_in: int | None,
    now: int,
    revision: int = 1,
    revises: str | None = None,
    by_hub: bool = False,
    requirement: dict[str, Any] | None = None,
    callback_url: str | None = None,
    known_as: str | None = None,
    shown: bool = True,
) -> Asked:
    """Check and hash what an agent sent, or what the hub itself asks. `known_as` is the name of an OpenLeash agent.
    Where it is not known that people are shown it (`shown`), what they would see is made when they are: it refuses
    nothing that was not refused here.

    Raises Invalid, Forbidden or TooLarge (see `parse_action` and `salted`).
    """
    if justification is not None and not 1 <= len(justification) <= JUSTIFICATION_LIMIT:
        raise Invalid(
            "justification_length",
            f"justification must have 1 to {JUSTIFICATION_LIMIT} characters",
            next_step="Shorten it; the action itself is what people decide on.",
            field="$.justification",
        )
    action = parse_action(value, agent_id=agent_id, now=now, by_hub=by_hub, known_as=known_as)
    escalation_id, salt = new_id("esc"), os.urandom(16) if known_as is None else None
    found = hashed(action, salt)
    asked = Asked(
        escalation_id=escalation_id,
        revision=revision,
        revises=revises,
        action=action,
        canonical=found.canonical,
        action_hash=found.action_hash,
        plain_hash=found.plain_hash,
        similarity_hash=found.similarity_hash,
        audience=audience(action),
        salted=found.members,
        salt="" if salt is None else b64u(salt),
        justification=justification,
        expires_in=expires_in,
        requirement=requirement,
        callback_url=callback_url,
    )
    return msgspec.structs.replace(asked, shown=asked.presentation_hash) if shown else asked
