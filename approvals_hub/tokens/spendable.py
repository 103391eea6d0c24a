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


async def why_not(tx: Tx, row: Row, *, epoch: str, now: int) -> Conflict | None:
    """The cause that makes a token void, or None. `row` is one of `store.token`."""
    if row["epoch"] != epoch:
        return _conflict("restored_copy", "this hub was restored from a backup after the approval")
    if row["token_state"] == outcome.REVOKED:
        return _conflict("token_revoked", "the approval was recalled", cause=row["token_cause"])
    if row["token_state"] != outcome.READY or now >= row["valid_until"]:
        return _conflict("token_expired", "the approval is no longer valid", valid_until=to_text(row["valid_until"]))
    if row["agent_state"] != "active":
        return _conflict(f"agent_{row['agent_state']}", f"the agent is {row['agent_state']}")
    if row["stopped_at"] is not None:
        return _conflict("org_stopped", "the organisation has stopped all agents")
    approval = msgspec.json.decode(row["approval"])
    if await still_counting(tx, row["org_id"], approval) < stored(row["requirement"]).approvals:
        return _conflict("approver_gone", "a person or device whose approval counted does not count any more")
    return None


async def still_counting(tx: Tx, org_id: str, approval: dict[str, Any]) -> int:
    """How many of the approvals count now: the person is an active member and the device was not revoked."""
    votes = [(vote["person_id"], vote["device_id"]) for vote in approval["approvers"]]
    counting = await store.counting(tx, org_id, [device for _, device in votes])
    return sum(vote in counting for vote in votes)


def spent_conflict(redeemed_at: int) -> Conflict:
    """Somebody else was first."""
    return _conflict("already_redeemed", "this token was redeemed already", redeemed_at=to_text(redeemed_at))


def _conflict(code: str, detail: str, **extra: Any) -> Conflict:
    return Conflict(code, detail, next_step="Do not act. Ask again if it is still wanted.", extra=extra)
