"""An auditor reads what the log only commits to: the signed statements of a question, and what proved their people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from approvals_hub.audit.event import Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock, to_text
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.sealing import SealBroken
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.evidence_format import (
    FORMAT,
    Count,
    EvidenceView,
    Header,
    Line,
    Wanted,
    answer_view,
    line_of,
)
from approvals_hub.escalations import store as escalations
from approvals_hub.escalations.present import Present, presentation_of
from approvals_hub.escalations.refusals import unknown
from approvals_hub.keys.vault import Vault
from approvals_hub.orgs.org import Permission
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.stepup import step_up_store as step_ups

Reader = PersonCredential | OperatorCredential
PAGE = 50
"""Answers that are opened at a time."""


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """Opens what lies sealed with each approver's own key. That somebody did is an entry of the log."""

    db: Database
    vault: Vault
    present: Present
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    page: int = PAGE

    async def __call__(self, reader: Reader, org_id: str, escalation_id: str) -> list[EvidenceView]:
        """All answers to a question, oldest first, replaced ones too.

        It holds personal numbers and free text: whoever may export the log reads it, one question at a time. Raises
        Unauthenticated, Forbidden without the right, NotFound.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> list[EvidenceView] | HubError:
            who = await _admitted_in(tx, reader, org_id, now)
            if isinstance(who, HubError):
                return who
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
            return [await self._answer_in(tx, row) for row in await store.sealed(tx, escalation_id)]

        return settled(await self.db.run(work, org=reader.org_id))

    async def admit(self, reader: Reader, org_id: str, wanted: Wanted, fresh: Any = None) -> Header:
        """Let somebody write a file of many answers, and record it; the file's first line.

        Raises Forbidden without the right or, for a person, without a fresh factor: with a stolen session one question
        at a time is slow and loud, a file is neither. NotFound for another organisation.
        """
        now = self.clock.now()

        async def work(tx: Tx) -> Acting | HubError:
            who = await _admitted_in(tx, reader, org_id, now)
            if isinstance(who, HubError):
                return who
            refusal = await refuse_stale_in(tx, self.fresh, reader, fresh, now)
            if refusal is not None:
                return refusal
            await self.recorder.record(
                tx,
                Event(
                    kind="evidence.exported",
                    org_id=org_id,
                    at=now,
                    actor_type=who.actor_type,
                    actor_id=who.actor_id,
                    agent_id=wanted.agent,
                    escalation_id=wanted.escalation,
                    detail={name: wanted.query().get(name) for name in ("since", "until")},
                ),
            )
            return who

        settled(await self.db.run(work, org=reader.org_id))
        return Header(format=FORMAT, org_id=org_id, created=to_text(now), query=wanted.query())

    async def lines(self, header: Header, wanted: Wanted) -> AsyncIterator[bytes]:
        """The file, in pieces, with every answer up to now. Ask `admit` first; this does not check again.

        Raises Unavailable, also in the midst of it: a file without its last line is none.
        """
        count, after, org_id = Count(), "", header.org_id
        opening = line_of(Line(header=header))
        count.add(opening)
        yield opening
        while True:

            async def read(tx: Tx, after: str = after) -> list[EvidenceView]:
                rows = await store.sealed_page(
                    tx, org_id, **msgspec.structs.asdict(wanted), after=after, limit=self.page
                )
                return [await self._answer_in(tx, row) for row in rows]

            answers = await self.db.read(read, org=org_id)
            piece = b""
            for answer in answers:
                line = line_of(Line(answer=answer))
                count.add(line, answer)
                piece += line
            if piece:
                yield piece
            if len(answers) < self.page:
                break
            after = answers[-1].decision_id
        yield line_of(Line(end=count.end()))

    async def _answer_in(self, tx: Tx, row: Row) -> EvidenceView:
        person_id = row["approver_id"]
        text = await self._opened_in(tx, person_id, row["sealed"], f"decision:{row['id']}")
        proofs = [
            (proof, await self._opened_in(tx, person_id, proof["evidence"], f"evidence:{proof['id']}"))
            for proof in await step_ups.evidence_of(tx, row["id"])
        ]
        signed = None if text is None else msgspec.json.decode(text)
        return answer_view(row, signed, await self._shown_in(tx, row["escalation_id"]), proofs)

    async def _shown_in(self, tx: Tx, escalation_id: str) -> dict[str, Any] | None:
        escalation = await escalations.find(tx, escalation_id)
        assert escalation is not None  # an answer is to a question
        try:
            question = await self.present.question_in(tx, escalation)
        except (LookupError, SealBroken):
            return None
        return None if question is None else presentation_of(escalation, question)

    async def _opened_in(self, tx: Tx, person_id: str, sealed: Any, context: str) -> bytes | None:
        if sealed is None:
            return None
        try:
            return await self.vault.unseal_in(tx, person_id, bytes(sealed), context)
        except (LookupError, SealBroken):
            # Erased with its person's key, or put there by somebody who wrote the database: nothing to read.
            return None


async def _admitted_in(tx: Tx, reader: Reader, org_id: str, now: int) -> Acting | HubError:
    who = await admit_acting_in(tx, reader, now, Permission.EXPORT_AUDIT)
    if isinstance(who, HubError):
        return who
    if who.org_id != org_id:
        return NotFound("org_unknown", "there is no such organisation", next_step="Use the one you signed in to.")
    return who
