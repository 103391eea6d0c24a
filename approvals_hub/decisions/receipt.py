"""What an approver gets for an answer."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.discreet import Discreet
from approvals_hub.core.row import Row
from approvals_hub.domain import outcome
from approvals_hub.routing.stand_in import StoodIn


class Receipt(Discreet, msgspec.Struct, frozen=True):
    """A durable answer: shown only after the hub has stored it."""

    not_printed = ("reason",)

    decision_id: str
    escalation_id: str
    revision: int
    decision: str
    reason_code: str | None
    at: int
    device_id: str
    key_hash: str
    statement_hash: str
    acr: str
    amr: list[str]
    methods: list[str]
    binding: str
    action_type: str
    action_hash: str
    agent_id: str
    agent_name: str
    status: str
    token_state: str | None
    repeated: bool = False
    stepped_up: bool = False
    """Whether a step-up was spent by this very answer, just now; False for a receipt that is given again."""
    inclusion: dict[str, Any] | None = None
    handed_over_by: str | None = None
    """Whoever had this person told of the question instead of themselves."""
    reason: str | None = None
    """The approver's own words, for themselves."""
    stands_in: tuple[StoodIn, ...] = ()
    """In whose places it was given too."""


def receipt_of(
    row: Row,
    now: int,
    *,
    repeated: bool = False,
    stepped_up: bool = False,
    inclusion: dict[str, Any] | None = None,
    reason: str | None = None,
    stands_in: tuple[StoodIn, ...] = (),
) -> Receipt:
    """The receipt of a stored decision, as things stand now. `row` is one of `store.find`."""
    token_state = row["token_state"]
    if token_state == outcome.READY and now >= row["valid_until"]:
        token_state = outcome.EXPIRED
    return Receipt(
        decision_id=row["id"],
        escalation_id=row["escalation_id"],
        revision=row["revision"],
        decision=row["decision"],
        reason_code=row["reason_code"],
        at=row["at"],
        device_id=row["device_id"],
        key_hash=row["key_hash"],
        statement_hash=row["statement_hash"],
        acr=row["acr"],
        amr=row["amr"].split(),
        methods=row["methods"].split(),
        binding=row["binding"],
        action_type=row["action_type"],
        action_hash=row["action_hash"],
        agent_id=row["agent_id"],
        agent_name=row["agent_name"],
        status=row["state"],
        token_state=token_state,
        repeated=repeated,
        stepped_up=stepped_up,
        inclusion=inclusion,
        handed_over_by=row["handed_over_by"],
        reason=reason,
        stands_in=stands_in,
    )
