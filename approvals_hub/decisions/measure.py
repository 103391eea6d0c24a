"""How each approver answers, in numbers: how much comes to them, how much they let through, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from approvals_hub.core.clock import DAY, MINUTE, Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.decisions import measure_store as store
from approvals_hub.decisions.quorum import APPROVE
from approvals_hub.domain.reading import CROWD, least_time
from approvals_hub.orgs.org import Permission, permissions
from approvals_hub.people.acting import OperatorCredential, admit_acting_in
from approvals_hub.people.session import PersonCredential, admit_person_in

LONGEST = 90
"""Days that are looked back at most."""
USUAL = 30
INACTIVE_AFTER = 5
"""Questions that came to somebody who has answered none, from which on nobody should count on them."""


class Measure(msgspec.Struct, frozen=True):
    """One approver. The members' names are those by which policies will know them."""

    person_id: str
    name: str
    prompts: int
    """Questions that came into their inbox."""
    prompts_per_day: float
    busiest_day: int
    """Questions that came on the day on which most did."""
    answered: int
    approved: int
    approval_rate: float | None
    """From 0 to 1; None where they answered nothing."""
    median_seconds: float | None
    """From the question on their screen to their answer; None where that is not known."""
    busiest_minute: int
    """Answers in the minute in which most came."""
    hurried: int
    """Answers that came faster than a person can read what was shown, and approvals beyond ten in a minute."""
    inactive: bool
    """Whether they answered none of `INACTIVE_AFTER` questions or more: a quorum that needs them is none."""


@dataclass(frozen=True, slots=True)
class Timed:
    """How long somebody had a question before they answered, in milliseconds, and whether they answered too fast to
    have read it. None where nobody knows."""

    read_ms: int | None
    hurried: bool | None


async def timed_in(tx: Tx, *, escalation_id: str, person_id: str, decision: str, now: int) -> Timed:
    """What is known of an answer that arrives now."""
    row = await store.before(tx, escalation_id=escalation_id, person_id=person_id, since=now - MINUTE)
    if row is None:
        return Timed(None, None)
    crowded = decision == APPROVE and row["approved"] >= CROWD
    if row["opened_at"] is None:
        return Timed(None, crowded or None)
    read_ms = max(now - row["opened_at"], 0)
    return Timed(read_ms, crowded or read_ms < least_time(row["shown_length"]))


@dataclass(frozen=True, slots=True)
class ReadMeasures:
    """Reads; nothing is refused because of a number."""

    db: Database
    clock: Clock

    async def __call__(
        self, reader: PersonCredential | OperatorCredential, *, days: int, after: str | None, limit: int
    ) -> list[Measure]:
        """The approvers' numbers of the last `days` days; of whoever may not read everybody's, their own.

        Raises Invalid for a time that is not looked back, Unauthenticated.
        """
        if not 1 <= days <= LONGEST:
            raise Invalid("days_out_of_range", f"days is from 1 to {LONGEST}", next_step="Choose less.", field="days")
        now = self.clock.now()

        async def work(tx: Tx) -> list[Measure] | HubError:
            whose = await _whose_in(tx, reader, now)
            if isinstance(whose, HubError):
                return whose
            org_id, mine = whose
            rows = await store.approvers(tx, org_id=org_id, person_id=mine, after=after, limit=limit)
            answers = {
                row["approver_id"]: row
                for row in await store.answers(tx, org_id=org_id, person_id=mine, since=now - days * DAY)
            }
            # The present day is one of them.
            prompts = await store.prompts(tx, org_id=org_id, person_id=mine, since_day=now // DAY - days + 1)
            return [
                _measure(row, answers.get(row["person_id"]), prompts.get(row["person_id"], (0, 0)), days)
                for row in rows
            ]

        return settled(await self.db.read(work, org=reader.org_id))


async def _whose_in(
    tx: Tx, reader: PersonCredential | OperatorCredential, now: int
) -> tuple[str, str | None] | HubError:
    """The organisation, and the only person whose numbers these are; None for everybody's."""
    if isinstance(reader, OperatorCredential):
        by = await admit_acting_in(tx, reader, now, Permission.READ_ESCALATIONS)
        return by if isinstance(by, HubError) else (by.org_id, None)
    session = await admit_person_in(tx, reader, now)
    if isinstance(session, HubError):
        return session
    everybody = Permission.READ_ESCALATIONS in permissions(session.roles)
    return session.org_id, None if everybody else session.person_id


def _measure(row: Row, answers: Row | None, prompts: tuple[int, int], days: int) -> Measure:
    answered = 0 if answers is None else answers["answered"]
    approved = 0 if answers is None else int(answers["approved"])
    median = None if answers is None else answers["median_ms"]
    return Measure(
        person_id=row["person_id"],
        name=row["name"],
        prompts=prompts[0],
        prompts_per_day=round(prompts[0] / days, 2),
        busiest_day=prompts[1],
        answered=answered,
        approved=approved,
        approval_rate=round(approved / answered, 3) if answered else None,
        median_seconds=None if median is None else round(median / 1000, 1),
        busiest_minute=0 if answers is None else answers["busiest_minute"],
        hurried=0 if answers is None else int(answers["hurried"]),
        inactive=answered == 0 and prompts[0] >= INACTIVE_AFTER,
    )
