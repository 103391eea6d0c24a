"""Receipts over HTTP: what somebody answered, and the proof that the log has it."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.api.call import Call
from approvals_hub.api.fields import Items, PageQuery, page
from approvals_hub.api.inbox import StoodInView, stood_in_view
from approvals_hub.core.clock import to_text
from approvals_hub.decisions.receipt import Receipt


class ReceiptAgent(msgspec.Struct, frozen=True):
    """The agent that asked."""

    agent_id: str
    name: str


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """A stored answer; it is shown only after the hub has it for good."""

    decision_id: str
    escalation_id: str
    revision: int
    decision: str
    reason_code: str | None
    at: str
    device_id: str
    key_hash: str
    statement_hash: str
    acr: str
    amr: list[str]
    methods: list[str]
    binding: str
    action_type: str
    action_hash: str
    agent: ReceiptAgent
    status: str
    outcome: str | None
    token_state: str | None
    repeated: bool
    inclusion: dict[str, Any] | None
    handed_over_by: str | None
    reason: str | None = None
    stands_in: list[StoodInView]
    """In whose places it was given too."""


async def history(call: Call[PageQuery]) -> Items[ReceiptView]:
    """What I answered, newest first."""
    query = call.asked
    found = await call.hub.inbox.history(call.person, before=query.cursor, limit=query.limit + 1)
    return page([receipt_view(receipt) for receipt in found], query.limit, lambda view: view.decision_id)


async def receipt(call: Call[None]) -> ReceiptView:
    """One of my answers, with the proof that the log has it once it is sealed."""
    return receipt_view(await call.hub.inbox.receipt(call.person, call.part("id")))


def receipt_view(receipt: Receipt) -> ReceiptView:
    """A receipt for the wire."""
    return ReceiptView(
        decision_id=receipt.decision_id,
        escalation_id=receipt.escalation_id,
        revision=receipt.revision,
        decision=receipt.decision,
        reason_code=receipt.reason_code,
        at=to_text(receipt.at),
        device_id=receipt.device_id,
        key_hash=receipt.key_hash,
        statement_hash=receipt.statement_hash,
        acr=receipt.acr,
        amr=receipt.amr,
        methods=receipt.methods,
        binding=receipt.binding,
        action_type=receipt.action_type,
        action_hash=receipt.action_hash,
        agent=ReceiptAgent(receipt.agent_id, receipt.agent_name),
        status=receipt.status,
        outcome=None if receipt.status == "open" else receipt.status,
        token_state=receipt.token_state,
        repeated=receipt.repeated,
        inclusion=receipt.inclusion,
        handed_over_by=receipt.handed_over_by,
        reason=receipt.reason,
        stands_in=[stood_in_view(each) for each in receipt.stands_in],
    )
