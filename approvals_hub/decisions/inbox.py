"""What waits for an approver, and what they have answered."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from time import monotonic

import msgspec

from approvals_hub.audit.prove import Prove
from approvals_hub.core.clock import SECOND, Clock
from approvals_hub.core.errors import HubError, NotFound, settled
from approvals_hub.core.stopping import Stopping
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import store
from approvals_hub.decisions.read_receipts import receipt_in, receipts_in
from approvals_hub.decisions.receipt import Receipt
from approvals_hub.escalations import facts_store, inbox_store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.others import others_in, soonest
from approvals_hub.escalations.read_asker import Asker, asker_in
from approvals_hub.events.bus import Bus
from approvals_hub.keys.vault import Vault
from approvals_hub.people.session import PersonCredential, admit_person_in
from approvals_hub.routing.stand_in import StoodIn

LIMIT = 200
NAMED = 20
"""Questions that are named on a card as like it."""
REREAD = 15
"""Seconds after which a waiting inbox is read again though nobody woke it."""


class Line(msgspec.Struct, frozen=True):
    """One open question in an inbox. `similar` counts the other open ones that differ only in id and time, and
    `similar_ids` names the soonest of them; `stands_in` are those who are away and for whom this person may answer it.
    """

    escalation: Escalation
    asker: Asker
    similar: int
    similar_ids: tuple[str, ...]
    answered: bool
    answers: int
    """How many people have answered it, whoever they are."""
    handed_over: bool
    """Whether somebody had this person told of it instead of themselves."""
    stands_in: tuple[StoodIn, ...]


class Page(msgspec.Struct, frozen=True):
    """The inbox at one moment. `version` changes when what is in it does."""

    lines: list[Line]
    version: str
    now: int
    person_id: str
    topics: tuple[str, ...] = ()
    """What may change it."""
    changes_at: int | None = None
    """When it may change by itself: somebody goes away then, or comes back."""


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
        while page.version == since and monotonic() < end and not self.stopping.begun:
            page = await self._changed(credential, page, since, end)
        return page

    async def _changed(self, credential: PersonCredential, page: Page, since: str, end: float) -> Page:
        """The page once it has changed, or what may change it has: others' inboxes count while one stands in for them.

        An earlier read said whose inbox it is; the first one here is of a time when changes are listened for.
        """
        topics = page.topics
        with self.bus.subscribe(*topics) as subscription:
            page = await self._read(credential)
            while page.version == since and page.topics == topics and not self.stopping.begun:
                left = end - monotonic()
                if left <= 0:
                    break
                await subscription.wait(min(left, REREAD, self._until(page)))
                page = await self._read(credential)
        return page

    def _until(self, page: Page) -> float:
        """Seconds until it may change by itself."""
        return REREAD if page.changes_at is None else max((page.changes_at - self.clock.now()) / SECOND, 0)

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
            return await receipts_in(tx, self.vault, rows, now)

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
            return None if whole is None else await receipt_in(tx, self.vault, whole, now)

        return settled(await self.db.read(work, org=credential.org_id))

    async def receipt(self, credential: PersonCredential, decision_id: str) -> Receipt:
        """One of my answers. Raises NotFound for somebody else's."""
        now = self.clock.now()

        async def work(tx: Tx) -> tuple[Row, Receipt] | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            row = await store.find(tx, decision_id)
            if row is None or row["approver_id"] != session.person_id or row["org_id"] != session.org_id:
                return NotFound("decision_unknown", "there is no such decision of yours", next_step="See your history.")
            return row, await receipt_in(tx, self.vault, row, now)

        row, receipt = settled(await self.db.read(work, org=credential.org_id))
        found = await self.prove.decision(row["org_id"], row["escalation_id"], decision_id)
        return msgspec.structs.replace(receipt, inclusion=None if found is None else msgspec.to_builtins(found))

    async def _read(self, credential: PersonCredential) -> Page:
        now = self.clock.now()

        async def work(tx: Tx) -> Page | HubError:
            session = await admit_person_in(tx, credential, now)
            if isinstance(session, HubError):
                return session
            found = await inbox_store.waiting(
                tx, person_id=session.person_id, org_id=session.org_id, now=now, limit=LIMIT
            )
            others = await others_in(tx, session, now=now, limit=LIMIT)
            found = soonest(found, others.escalations, LIMIT)
            askers = await _askers_in(tx, found)
            answered = await store.answered(tx, session.person_id, [escalation.id for escalation in found])
            counts = await store.counts(tx, [escalation.id for escalation in found])
            handed = await facts_store.handed_to(tx, session.person_id, [escalation.id for escalation in found])
            alike: defaultdict[str, list[str]] = defaultdict(list)
            for escalation in found:
                alike[escalation.similarity_hash].append(escalation.id)
            lines = [
                Line(
                    escalation,
                    _with_trust(askers[escalation.agent_id], escalation.trust),
                    len(alike[escalation.similarity_hash]) - 1,
                    _others(alike[escalation.similarity_hash], escalation.id),
                    escalation.id in answered,
                    counts.get(escalation.id, 0),
                    escalation.id in handed,
                    others.places.get(escalation.id, ()),
                )
                for escalation in found
            ]
            whose = (session.person_id, *others.people)
            topics = (*(f"inbox:{each}" for each in whose), f"person:{whose[0]}", f"absences:{session.org_id}")
            return Page(lines, _version(lines), now, session.person_id, topics, others.changes_at)

        return settled(await self.db.read(work, org=credential.org_id))


async def _askers_in(tx: Tx, found: list[Escalation]) -> dict[str, Asker]:
    one_of_each = {escalation.agent_id: escalation for escalation in found}
    return {agent_id: await asker_in(tx, escalation) for agent_id, escalation in one_of_each.items()}


def _others(ids: list[str], mine: str) -> tuple[str, ...]:
    return tuple(each for each in ids[: NAMED + 1] if each != mine)[:NAMED]


def _with_trust(asker: Asker, trust: str) -> Asker:
    return msgspec.structs.replace(asker, trust=trust)


def _version(lines: list[Line]) -> str:
    # Whoever has a question open sees how far it has come: that changes with others' answers too.
    text = "\n".join(
        f"{line.escalation.id} {line.escalation.version} {line.escalation.expires_at} {line.answered} {line.answers}"
        f" {line.escalation.stage} {line.escalation.effective_at} {line.handed_over}"
        + "".join(f" {each.person_id}" for each in line.stands_in)
        for line in lines
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
