"""An owner or admin says beforehand whose eID a person's must be. It proves nothing until that person links it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import Conflict, HubError, Invalid, NotFound, settled
from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Database, Tx
from approvals_hub.domain.assurance import named
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.person import ACTIVE
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.stepup import expected_store as store
from approvals_hub.stepup import factor_store
from approvals_hub.stepup.ask import subject_of
from approvals_hub.stepup.link_in import announce_in
from approvals_hub.stepup.methods import Methods
from approvals_hub.stepup.step_up import method_unknown, vendor_refused
from identity.errors import Malformed, NotProven
from identity.provider import Foretelling

EXPECTED_LIFE = 14 * DAY
"""How long a person has to link what is expected of them, in milliseconds."""


class ExpectedFactor(msgspec.Struct, frozen=True):
    """What is waited for; nothing of the number itself."""

    expected_id: str
    person_id: str
    method: str
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class ExpectFactor:
    """Keeps the keyed hash of the number, tells the person, and counts for nothing.

    An admin who could link a number could sign in as that person and pass for them with an eID of their own. So this
    only narrows what the person can link (`link_in`): with a key of theirs, and with the eID of that very number.
    """

    db: Database
    methods: Methods
    fresh: FreshFactors
    recorder: Recorder
    clock: Clock

    async def __call__(
        self,
        by: PersonCredential | OperatorCredential,
        org_id: str,
        person_id: str,
        method: str,
        number: str,
        fresh: Any = None,
    ) -> ExpectedFactor:
        """Expect this number's eID of this member, in place of what this organisation expected before.

        Whether the number is somebody's already is not told. Raises Invalid for what is no number, NotFound, Forbidden
        without the right to govern people or without a fresh factor, Conflict where the person has linked one, and
        Unauthenticated.
        """
        now, expected_id = self.clock.now(), new_id("exf")
        hashed = self._hash(method, number, now)

        async def work(tx: Tx) -> ExpectedFactor | HubError:
            who = await admit_acting_in(tx, by, now, Permission.GOVERN_PEOPLE)
            if isinstance(who, HubError):
                return who
            member = await orgs.member(tx, who.org_id, person_id) if who.org_id == org_id else None
            if member is None or member["state"] != ACTIVE:
                return NotFound("person_unknown", "no such member here", next_step="Look at the list of members.")
            refusal = await refuse_stale_in(tx, self.fresh, by, fresh, now)
            if refusal is not None:
                return refusal
            if isinstance(hashed, HubError):
                return hashed
            await tx.lock("people", person_id)
            if await factor_store.of_method(tx, person_id, method) is not None:
                return Conflict(
                    "factor_linked",
                    f"this person has linked {named(method)} already",
                    next_step="Only they can remove it, under Devices.",
                )
            expires_at = now + EXPECTED_LIFE
            await store.add(
                tx,
                expected_id=expected_id,
                org_id=org_id,
                person_id=person_id,
                method=method,
                subject_hash=hashed,
                at=now,
                by=who.actor_id,
                expires_at=expires_at,
            )
            await announce_in(
                tx,
                self.recorder,
                "factor.expected",
                org_id,
                person_id,
                expected_id,
                method,
                now=now,
                by=who.actor_id,
                actor_type=who.actor_type,
            )
            return ExpectedFactor(expected_id, person_id, method, now, expires_at)

        return settled(await self.db.run(work, org=by.org_id))

    def _hash(self, method: str, number: str, now: int) -> bytes | HubError:
        """What is kept of the number, or why nothing can be."""
        provider: object = self.methods.providers.get(method)
        if not isinstance(provider, Foretelling):
            return method_unknown(method)
        subject = subject_of(method, provider, number, now)
        if isinstance(subject, Malformed):
            return Invalid("number_invalid", str(subject), next_step="Correct it.", field="$.number")
        return vendor_refused(subject) if isinstance(subject, NotProven) else self.methods.subject_hash(method, subject)
