"""The only owner lost everything: whoever has the hub's computer makes a link that opens later, told to everybody."""

from __future__ import annotations

from dataclasses import dataclass

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import joining_store as joining
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.person import ACTIVE
from approvals_hub.stepup.open_recovery import OpenRecovery, RecoveryLink, new_recovery_secrets
from approvals_hub.stepup.recovery import HOST, LINK_LIFE


@dataclass(frozen=True, slots=True)
class RecoverOnHost:
    """For the only owner alone: everybody else has colleagues, or an owner who can invite them anew."""

    db: Database
    opening: OpenRecovery
    clock: Clock

    async def __call__(self, operator: OperatorCredential, person_id: str) -> RecoveryLink:
        """Make the link; it opens after the waiting time, and any key of the person cancels it before.

        Raises NotFound, Conflict for somebody who is not the only owner or never had a key.
        """
        now, secrets = self.clock.now(), new_recovery_secrets()

        async def work(tx: Tx) -> RecoveryLink | HubError:
            by = await admit_acting_in(tx, operator, now, Permission.GOVERN_PEOPLE)
            if isinstance(by, HubError):
                return by
            await tx.lock("people", person_id)
            refusal = await _refuse_in(tx, by.org_id, person_id)
            if refusal is not None:
                return refusal
            recovery = await self.opening.open_in(
                tx,
                secrets,
                org_id=by.org_id,
                person_id=person_id,
                way=HOST,
                by=by.actor_id,
                actor_type=by.actor_type,
                life=LINK_LIFE,
                now=now,
            )
            return self.opening.link(recovery, secrets)

        return settled(await self.db.run(work))


async def _refuse_in(tx: Tx, org_id: str, person_id: str) -> HubError | None:
    owners = [
        row["id"]
        for row in await orgs.members(tx, org_id)
        if "owner" in row["roles"].split() and row["state"] == ACTIVE
    ]
    if await orgs.member(tx, org_id, person_id) is None:
        return NotFound("person_unknown", "no such member here", next_step="See: approvals-hub people list")
    if owners != [person_id]:
        return Conflict(
            "not_the_only_owner",
            "this person is not the only owner, so others can help",
            next_step="Make a link that colleagues decide about: approvals-hub people recover PERSON --colleagues",
        )
    if not await joining.ever_had_key(tx, person_id):
        return Conflict(
            "never_had_key",
            "this person never had a key here",
            next_step="Make a new set-up link instead: approvals-hub init",
        )
    return None
