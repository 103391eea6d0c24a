"""Records who came in and who was refused, and keeps where from beside the log, sealed with the person's own key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Tx
from approvals_hub.keys.vault import Vault
from approvals_hub.people import visit_store as store
from approvals_hub.people.visit import Visit, Visitor, commitment_of, context_of, text_of, visit_of


@dataclass(frozen=True, slots=True)
class KeepVisits:
    """An entry of the log outlives the right to erasure; what it commits to ends with the key of its person."""

    recorder: Recorder
    vault: Vault

    async def record_in(self, tx: Tx, event: Event, visitor: Visitor) -> None:
        """Record an event of the person who is its actor, with a commitment to where they came from.

        Of somebody whose key was destroyed nothing is kept, and the commitment is null.
        """
        visit = await self._keep_in(tx, event, visitor)
        await self.recorder.record(tx, msgspec.structs.replace(event, detail={**event.detail, "visit": visit}))

    async def read_in(self, tx: Tx, org_id: str, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Visit]:
        """The visits that still open, by person and commitment."""
        asked = set(wanted)
        found: dict[tuple[str, str], Visit] = {}
        for (person_id, visit), sealed in (await store.kept(tx, org_id, sorted({each for _, each in asked}))).items():
            if (person_id, visit) not in asked:
                continue
            try:
                text = await self.vault.unseal_in(tx, person_id, sealed, context_of(org_id, visit))
            except (LookupError, SealBroken):
                continue  # Erased with its person's key, or put there by somebody who wrote the database.
            found[person_id, visit] = msgspec.json.decode(text, type=Visit)
        return found

    async def _keep_in(self, tx: Tx, event: Event, visitor: Visitor) -> str | None:
        text = text_of(visit_of(visitor))
        visit = commitment_of(text)
        try:
            sealed = await self.vault.seal_in(tx, event.actor_id, text, context_of(event.org_id, visit))
        except LookupError:
            return None
        await store.add(tx, org_id=event.org_id, person_id=event.actor_id, visit=visit, at=event.at, sealed=sealed)
        return visit
