"""Whether a ready token may still be spent at this moment: asked at redemption and before each collection."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Conflict
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import stored
from approvals_hub.tokens import store


class Spendable(msgspec.Struct, frozen=True):
    """What decides, as read in this unit of work: the escalation's token, its agent and its organisation."""

    org_id: str
    epoch: str
    token_state: str | None
    token_cause: str | None
    valid_until: int
    agent_state: str
    stopped_at: int | None
    approval: str
    requirement: str


def of_row(row: Row) -> Spendable:
    """The same from a row of `store.token`."""
    return Spendable(*(row[name] for name in Spendable.__struct_fields__))


async def why_not(tx: Tx, token: Spendable, *, epoch: str, now: int) -> Conflict | None:
    """The cause that makes a token void, or None."""
    if token.epoch != epoch:
        return _conflict("restored_copy", "this hub was restored from a backup after the approval")
    if token.token_state == outcome.REVOKED:
        return _conflict("token_revoked", "the approval was recalled", cause=token.token_cause)
    if token.token_state != outcome.READY or now >= token.valid_until:
        return _conflict("token_expired", "the approval is no longer valid", valid_until=to_text(token.valid_until))
    if token.agent_state != "active":
        return _conflict(f"agent_{token.agent_state}", f"the agent is {token.agent_state}")
    if token.stopped_at is not None:
        return _conflict("org_stopped", "the organisation has stopped all agents")
    approval = msgspec.json.decode(token.approval)
    if not stored(token.requirement).approved_by(await still_counting(tx, token.org_id, approval)):
        return _conflict("approver_gone", "a person or device whose approval counted does not count any more")
    return None


async def still_counting(tx: Tx, org_id: str, approval: dict[str, Any]) -> dict[str, int]:
    """Whose approvals count now: the person is an active member and the device was not revoked.

    With each stands how many stages were complete when it was given, as `Requirement.approved_by` wants it.
    """
    votes = [(vote["person_id"], vote["device_id"]) for vote in approval["approvers"]]
    counting = await store.counting(tx, org_id, [device for _, device in votes])
    answered_at = approval.get("answered_at", {})
    return {vote[0]: answered_at.get(vote[0], 0) for vote in votes if vote in counting}


def spent_conflict(redeemed_at: int) -> Conflict:
    """Somebody else was first."""
    return _conflict("already_redeemed", "this token was redeemed already", redeemed_at=to_text(redeemed_at))


def _conflict(code: str, detail: str, **extra: Any) -> Conflict:
    return Conflict(code, detail, next_step="Do not act. Ask again if it is still wanted.", extra=extra)
