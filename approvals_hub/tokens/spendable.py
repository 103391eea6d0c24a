"""Whether a ready token may still be spent at this moment: asked at redemption and before each collection."""

from __future__ import annotations

from typing import Any

import msgspec

from approvals_hub.core.clock import to_text
from approvals_hub.core.errors import Conflict
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain import outcome
from approvals_hub.domain.requirement import Requirement, stored
from approvals_hub.people.names import answers
from approvals_hub.routing.stand_in import of_claim
from approvals_hub.routing.still_asked import holding_in, still_asked_in
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
    created_at: int


def of_row(row: Row) -> Spendable:
    """The same from a row of `store.token`."""
    return Spendable(*(row[name] for name in Spendable.__struct_fields__))


async def why_not(tx: Tx, token: Spendable, *, epoch: str, now: int) -> Conflict | None:
    """The cause that makes a token void, or None."""
    refusal = void(token, epoch=epoch, now=now)
    if refusal is not None:
        return refusal
    approval = msgspec.json.decode(token.approval)
    asked = stored(token.requirement)
    if not await still_approved_in(tx, token.org_id, asked, approval, opened_at=token.created_at):
        return _conflict("approver_gone", "a person or device whose approval counted does not count any more")
    return None


def void(token: Spendable, *, epoch: str, now: int) -> Conflict | None:
    """The same as far as what was read says it: all but whether those who approved still count."""
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
    return None


async def still_approved_in(
    tx: Tx, org_id: str, asked: Requirement, approval: dict[str, Any], *, opened_at: int
) -> bool:
    """Whether those whose approvals count now are enough: active members whom the requirement still names, with devices
    that were not revoked, and, where they stood in for somebody, in delegations that hold."""
    votes = approval["approvers"]
    answered_at = approval.get("answered_at", {})
    found = await store.counting(tx, org_id, [vote["device_id"] for vote in votes])
    counting = {
        key: row["roles"] for key, row in found.items() if answered_at.get(key[0], 0) >= (row["counts_from"] or 0)
    }
    votes = [vote for vote in votes if answers(counting.get((vote["person_id"], vote["device_id"]), ""))]
    places = {vote["person_id"]: [of_claim(each) for each in vote.get("stands_in", [])] for vote in votes}
    holding = await holding_in(tx, org_id, [each for found in places.values() for each in found])
    roles = holding.roles | {person: held for (person, _), held in counting.items()}
    asked = await still_asked_in(tx, org_id, asked, roles, opened_at=opened_at)
    # Which seat is whose was settled with the approval: nobody gets another one afterwards.
    signed_by = {person: person for person in places}
    signed_by |= {each.person_id: person for person in places for each in places[person] if each in holding.kept}
    return asked.approved_by({seat: answered_at.get(person, 0) for seat, person in signed_by.items()}, signed_by)


def spent_conflict(redeemed_at: int) -> Conflict:
    """Somebody else was first."""
    return _conflict("already_redeemed", "this token was redeemed already", redeemed_at=to_text(redeemed_at))


def _conflict(code: str, detail: str, **extra: Any) -> Conflict:
    return Conflict(code, detail, next_step="Do not act. Ask again if it is still wanted.", extra=extra)
