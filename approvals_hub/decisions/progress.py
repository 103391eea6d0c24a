"""How far a question has come: how many have approved, and how many at least must still."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, settled
from approvals_hub.db.database import Database, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.counted import counted_in
from approvals_hub.decisions.quorum import approvals
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import readable_in
from approvals_hub.people.session import PersonCredential, admit_person_in


class Progress(msgspec.Struct, frozen=True):
    """Numbers alone: who approved is not said before the end, so that nobody follows somebody."""

    approved: int
    missing: int
    """The fewest different people who must still approve."""
    stage: int
    """Which stage is asked, from 1 on."""
    stages: int
    effective_at: int | None
    """When the approval takes effect, where all its votes are there and it waits for its time."""


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """Reads; changes nothing."""

    db: Database
    clock: Clock

    async def __call__(self, credential: PersonCredential, escalation_id: str) -> Progress | None:
        """How far it has come; None where it has ended, or is not this person's to read."""
        now = self.clock.now()

        async def work(tx: Tx) -> Progress | HubError | None:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            escalation = await escalations.find(tx, escalation_id)
            if escalation is None or not escalation.open:
                return None
            if await readable_in(tx, session, escalation, now) is None:
                return None
            return await _progress_in(tx, escalation)

        return settled(await self.db.read(work, org=credential.org_id))


async def _progress_in(tx: Tx, escalation: Escalation) -> Progress:
    asked, votes = await counted_in(tx, escalation, await store.votes(tx, escalation.id))
    found = approvals(asked, votes)
    return Progress(
        approved=len(found.signers()),
        missing=asked.missing(found.given, found.signed_by),
        stage=escalation.stage + 1,
        stages=asked.stages(),
        effective_at=escalation.effective_at,
    )
