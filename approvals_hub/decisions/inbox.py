"""What waits for an approver, and what they have answered."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from time import monotonic

import msgspec

from approvals_hub.audit.prove import Prove
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.reason import reason_in
from approvals_hub.decisions.receipt import Receipt, receipt_of
from approvals_hub.escalations import facts_store, inbox_store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.read_asker import Asker, asker_in
from approvals_hub.events.bus import Bus
from approvals_hub.keys.vault import Vault
from approvals_hub.people.session import PersonCredential, admit_person_in

LIMIT = 200
REREAD = 15
"""Seconds after which a waiting inbox is read again though nobody woke it."""


class Line(msgspec.Struct, frozen=True):
    """One open question in an inbox. `similar` counts the other open ones that differ only in id and time."""

    escalation: Escalation
    asker: Asker
    similar: int
    answered: bool
    answers: int
    """How many people have answered it, whoever they are."""
    handed_over: bool
    """Whether somebody had this person told of it instead of themselves."""


class Page(msgspec.Struct, frozen=True):
    """The inbox at one moment. `version` changes when what is in it does."""

    lines: list[Line]
    version: str
    now: int
    person_id: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Reads the inbox, and waits until it changes."""

    db: Database
    bus: Bus
    vault: Vault
    clock: Clock
    stopping: Stopping
    prove: Prove

    async def __call__(self, credential: PersonCredential, *, since: str | None = None, seconds: float = 0) -> Page:
        """What waits for me, the soonest to expire first; with `seconds`, as long as the version is `since`."""
        page = await self._read(credential)
        if seconds <= 0 or page.version != since:
            return page
        end = monotonic() + seconds
        # The first read says whose inbox it is; the second one is of a time when changes are listened for.
        with self.bus.subscribe(f"inbox:{page.person_id}", f"person:{page.person_id}") as subscription:
            page = await self._read(credential)
            while page.version == since and (left := end - monotonic()) > 0 and not self.stopping.begun:
                await subscription.wait(min(left, REREAD))
                page = await self._read(credential)
        return page

    async def history(self, credential: PersonCredential, *, before: str | None, limit: int) -> list[Receipt]:
        """What I answered, newest first."""
        now = self.clock.now()

        async def work(tx: Tx) -> list[Receipt] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            rows = await store.history(
                tx, approver_id=session.person_id, org_id=session.org_id, before=before, limit=limit
            )
            return [receipt_of(row, now, reason=await reason_in(tx, self.vault, row)) for row in rows]

        return settled(await self.db.read(work, org=credential.org_id))

    async def mine(self, credential: PersonCredential, escalation_id: str) -> Receipt | None:
        """My present answer to a question; None where I gave none."""
        now = self.clock.now()

        async def work(tx: Tx) -> Receipt | HubError | None:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await store.current(tx, escalation_id, session.person_id)
            if row is None or row["org_id"] != session.org_id:
                return None
            whole = await store.find(tx, row["id"])
            if whole is None:
                return None
            return receipt_of(whole, now, reason=await reason_in(tx, self.vault, whole))

        return settled(await self.db.read(work, org=credential.org_id))

    async def receipt(self, credential: PersonCredential, decision_id: str) -> Receipt:
        """One of my answers. Raises NotFound for somebody else's."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Row, str | None] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await store.find(tx, decision_id)
            if row is None or row["approver_id"] != session.person_id or row["org_id"] != session.org_id:
                return NotFound("decision_unknown", "there is no such decision of yours", next_step="See your history.")
            return row, await reason_in(tx, self.vault, row)

        row, reason = settled(await self.db.read(work, org=credential.org_id))
        found = await self.prove.decision(row["org_id"], row["escalation_id"], decision_id)
        return receipt_of(row, now, reason=reason, inclusion=None if found is None else msgspec.to_builtins(found))

    async def _read(self, credential: PersonCredential) -> Page:
        now = self.clock.now()

        async def work(tx: Tx) -> Page | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            found = await inbox_store.waiting(
                tx, person_id=session.person_id, org_id=session.org_id, now=now, limit=LIMIT
            )
            askers = await _askers_in(tx, found)
            answered = await store.answered(tx, session.person_id, [escalation.id for escalation in found])
            counts = await store.counts(tx, [escalation.id for escalation in found])
            handed = await facts_store.handed_to(tx, session.person_id, [escalation.id for escalation in found])
            alike = Counter(escalation.similarity_hash for escalation in found)
            lines = [
                Line(
                    escalation,
                    _with_trust(askers[escalation.agent_id], escalation.trust),
                    alike[escalation.similarity_hash] - 1,
                    escalation.id in answered,
                    counts.get(escalation.id, 0),
                    escalation.id in handed,
                )
                for escalation in found
            ]
            return Page(lines, _version(lines), now, session.person_id)

        return settled(await self.db.read(work, org=credential.org_id))


async def _askers_in(tx: Tx, found: list[Escalation]) -> dict[str, Asker]:
    one_of_each = {escalation.agent_id: escalation for escalation in found}
    return {agent_id: await asker_in(tx, escalation) for agent_id, escalation in one_of_each.items()}


def _with_trust(asker: Asker, trust: str) -> Asker:
    return msgspec.structs.replace(asker, trust=trust)


def _version(lines: list[Line]) -> str:
    # Whoever has a question open sees how far it has come: that changes with others' answers too.
    text = "\n".join(
        f"{line.escalation.id} {line.escalation.version} {line.escalation.expires_at} {line.answered} {line.answers}"
        f" {line.escalation.stage} {line.escalation.effective_at} {line.handed_over}"
        for line in lines
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
