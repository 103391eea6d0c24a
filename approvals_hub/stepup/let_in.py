"""Who may let an owner or admin in: where publishing policies takes two, not whoever invited them."""

from __future__ import annotations

from approvals_hub.core.errors import Forbidden
from approvals_hub.db.database import Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.people.acting import Acting
from approvals_hub.policies import store as policies
from approvals_hub.policies.put_in_force import may_publish

REFUSAL = "second_person_confirms"
"""How the log calls it."""


async def refuse_alone_in(tx: Tx, by: Acting, person_id: str, invited_by: str | None) -> Forbidden | None:
    """Why whoever compares the digits is not the one to let this person in, whom `invited_by` invited: one person alone
    would make somebody up who may publish policies, or bring in another account of theirs."""
    if invited_by != by.actor_id or not await policies.second_person(tx, by.org_id):
        return None
    member = await orgs.member(tx, by.org_id, person_id)
    if member is None or not may_publish(member):
        return None
    return Forbidden(
        REFUSAL,
        "publishing takes a second person here, so that whoever invited an owner or admin does not let them in alone",
        next_step="Another owner or admin compares the digits; where there is none, invite through the hub's operator.",
    )
