"""An auditor reads what the log only commits to: the signed statements of a question, and what proved their people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.refusals import unknown
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.routing.stand_in import StandIn, read_stand_ins
from approvals_hub.stepup import step_up_store as step_ups


@dataclass(frozen=True, slots=True)
class ProofKept:
    """One step-up that a decision used."""

    row: Row
    text: bytes | None = field(repr=False)
    """What the log's `evidence_hash` is the SHA-256 of; None where the person's key was destroyed."""


@dataclass(frozen=True, slots=True)
class DecisionKept:
    """One answer, with the key that signed it."""

    row: Row
    signed: dict[str, Any] | None = field(repr=False)
    """`statement`, `signature` or `assertion`, `reason`; None where the person's key was destroyed."""
    proofs: list[ProofKept] = field(repr=False)
    stands_in: tuple[StandIn, ...] = ()
    """In whose place it was given."""


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """Opens what lies sealed with each approver's own key. That somebody did is an entry of the log."""

    db: Database
    vault: Vault
    recorder: Recorder
    clock: Clock

    async def __call__(
        self, reader: PersonCredential | OperatorCredential, org_id: str, escalation_id: str
    ) -> list[DecisionKept]:
        """All answers to a question, oldest first, replaced ones too.

        It holds personal numbers and free text: whoever may export the log reads it, one question at a time. Raises
        Unauthenticated, Forbidden without the right, NotFound.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> list[DecisionKept] | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.EXPORT_AUDIT)
            if isinstance(who, HubError):
                return who
            if who.org_id != org_id:
                return NotFound(
                    "org_unknown", "there is no such organisation", next_step="Use the one you signed in to."
                )
            escalation = await escalations.find(tx, escalation_id)
            if escalation is None or escalation.org_id != org_id:
                return unknown()
            await self.recorder.record(
                tx,
                Event(
                    kind="evidence.read",
                    org_id=org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    escalation_id=escalation_id,
                ),
            )
            return [await self._kept_in(tx, row) for row in await store.sealed(tx, escalation_id)]

        return settled(await self.db.run(work, org=reader.org_id))

    async def _kept_in(self, tx: Tx, row: Row) -> DecisionKept:
        person_id = row["approver_id"]
        text = await self._opened_in(tx, person_id, row["sealed"], f"decision:{row['id']}")
        proofs = [
            ProofKept(proof, await self._opened_in(tx, person_id, proof["evidence"], f"evidence:{proof['id']}"))
            for proof in await step_ups.evidence_of(tx, row["id"])
        ]
        signed = None if text is None else msgspec.json.decode(text)
        return DecisionKept(row, signed, proofs, read_stand_ins(row["stands_in"]))

    async def _opened_in(self, tx: Tx, person_id: str, sealed: Any, context: str) -> bytes | None:
        if sealed is None:
            return None
        try:
            return await self.vault.unseal_in(tx, person_id, bytes(sealed), context)
        except (LookupError, SealBroken):
            # Erased with its person's key, or put there by somebody who wrote the database: nothing to read.
            return None
