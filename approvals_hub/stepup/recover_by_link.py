"""An owner, an admin or the operator makes a link for a colleague without keys; its key counts when others agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import Conflict, Forbidden, HubError, NotFound, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import membership_store
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission, may_grant
from approvals_hub.people import joining_store as joining
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.stepup import recovery_store as store
from approvals_hub.stepup.colleagues import asked_of_colleagues
from approvals_hub.stepup.open_recovery import OpenRecovery, RecoveryLink, new_recovery_secrets
from approvals_hub.stepup.recovery import COLLEAGUES, LINK_LIFE


@dataclass(frozen=True, slots=True)
class RecoverByLink:
    """Whoever makes the link finishes nothing: colleagues sign, a waiting time passes, the person is told."""

    db: Database
    opening: OpenRecovery
    fresh: FreshFactors
    clock: Clock

    async def __call__(
        self, credential: PersonCredential | OperatorCredential, person_id: str, fresh: Any = None
    ) -> RecoveryLink:
        """Make the link.

        Raises NotFound, Forbidden (no fresh factor, one's own, a role above one's own), Conflict for somebody who
        never had a key, who is in several organisations, or whose colleagues could not answer; Unauthenticated.
        """
        now, secrets = self.clock.now(), new_recovery_secrets()

        async def work(tx: Tx) -> RecoveryLink | HubError:
            by = await admit_acting_in(tx, credential, now, Permission.INVITE_PEOPLE)
            if isinstance(by, HubError):
                return by
            await tx.lock("people", person_id)
            refusal = await self._refuse_in(tx, by, person_id, now)
            if refusal is None:
                refusal = await refuse_stale_in(tx, self.fresh, credential, fresh, now)
            if refusal is not None:
                return refusal
            recovery = await self.opening.open_in(
                tx,
                secrets,
                org_id=by.org_id,
                person_id=person_id,
                way=COLLEAGUES,
                by=by.actor_id,
                actor_type=by.actor_type,
                life=LINK_LIFE,
                now=now,
            )
            return self.opening.link(recovery, secrets)

        # A recovery of before may have been opened in another organisation, and ends here.
        return settled(await self.db.run(work))

    async def _refuse_in(self, tx: Tx, by: Acting, person_id: str, now: int) -> HubError | None:
        member = await orgs.member(tx, by.org_id, person_id)
        if member is None or member["state"] != ACTIVE:
            return NotFound("person_unknown", "no such member here", next_step="Look at the list of members.")
        if person_id == by.actor_id:
            return _own()
        if not may_grant(by.roles, frozenset(member["roles"].split())):
            return Forbidden(
                "role_not_grantable",
                "your roles do not let you let this person in",
                next_step="Only an owner makes a link for an owner or an admin.",
            )
        if not await joining.ever_had_key(tx, person_id):
            return Conflict(
                "never_had_key",
                "this person never had a key here",
                next_step="Make a new invitation for them instead.",
            )
        if await membership_store.count(tx, person_id) > 1:
            return _elsewhere()
        org = await orgs.find(tx, by.org_id)
        assert org is not None
        asked = asked_of_colleagues(
            await store.colleagues(tx, by.org_id, by.actor_id),
            person_id=person_id,
            issuer_id=by.actor_id,
            default=stored(org["requirement"]),
            wait=self.opening.waits.key,
            now=now,
        )
        return asked if isinstance(asked, HubError) else None


def _own() -> Forbidden:
    return Forbidden(
        "own_recovery",
        "nobody makes a link for themselves",
        next_step="You have a key: sign for the new one with it.",
    )


def _elsewhere() -> Conflict:
    return Conflict(
        "several_organisations",
        "a key is its person's in every organisation, and the others were not asked",
        next_step="They use a recovery code, or you invite them as a new person.",
    )
