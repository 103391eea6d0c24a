"""What a policy decided, and why: the same bytes for the same action, facts and policies, on every machine. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from approvals_hub.policies.document import Asked
from approvals_hub.policies.facts import Counter
from approvals_hub_client.canonical import dumps, loads

ALLOW: Final = "ALLOW"
DENY: Final = "DENY"
REQUIRE_APPROVAL: Final = "REQUIRE_APPROVAL"
REQUIRE_STEP_UP: Final = "REQUIRE_STEP_UP"
REQUIRE_DEPOSIT: Final = "REQUIRE_DEPOSIT"
STRICTNESS: Final = {ALLOW: 0, REQUIRE_DEPOSIT: 1, REQUIRE_APPROVAL: 2, REQUIRE_STEP_UP: 2, DENY: 3}
"""How much stands between the agent and the action."""

LONGEST_PROOF: Final = 3_600
"""Seconds that a proof lives at most, whatever a rule says."""


class Obligation(msgspec.Struct, frozen=True):
    """Something that is still owed. `because` names the part of the policy that asks for it."""

    type: str
    params: dict[str, Any]
    because: str


class Reservation(msgspec.Struct, frozen=True):
    """What to add to a counter when the action is let through, or approved.

    The store adds it in the same unit of work in which it read the totals. `fits` is False where the limit would be
    passed: then people were asked, and what they approve is added all the same.
    """

    counter: Counter
    amount: int
    most: int
    total: int | None
    """What the counter had; None where that was not known."""
    fits: bool


class Named(msgspec.Struct, frozen=True):
    """Which text of a policy it was."""

    id: str
    version: int
    hash: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision."""

    decision: str
    code: str
    """Why, for programs: `rule`, `default`, `no_policy`, `limit`, `amount_unreadable`, `counterparty_proof`."""
    reason: str
    """Why, in a sentence."""
    policy: Named | None
    """The policy that decided."""
    rule_id: str | None = None
    rule_place: int | None = None
    """The rule's place in that policy, from 0: ids need not be different."""
    layers: tuple[Named, ...] = ()
    """Every policy that was read."""
    asked: Asked | None = None
    """What people are asked, where it takes people."""
    obligations: tuple[Obligation, ...] = ()
    proof: bool = False
    """Whether a proof token is due with this answer; one that people approved gets its proof when it is redeemed."""
    proof_ttl: int | None = None
    """Seconds that the rule gives a proof, 1 to 3,600; None: as the hub has it."""
    reservations: tuple[Reservation, ...] = ()

    def members(self) -> dict[str, Any]:
        """As a JSON object."""
        found: dict[str, Any] = loads(msgspec.json.encode(self))
        return found

    def text(self) -> bytes:
        """The canonical bytes (RFC 8785)."""
        return dumps(self.members())
