"""Owners and admins say what the organisation asks of a question when nothing else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from approvals_hub.audit.event import Detail, Event
from approvals_hub.audit.record import Recorder
from approvals_hub.core.clock import Clock
from approvals_hub.core.errors import HubError, Invalid, settled
from approvals_hub.db.database import Database, Row, Tx
from approvals_hub.domain.advice import refusal_of_codes, refuse_sent_codes
from approvals_hub.domain.requirement import Requirement, read_default, requirement_hash, stored
from approvals_hub.orgs import store as orgs
from approvals_hub.orgs.org import Permission
from approvals_hub.people import store as people
from approvals_hub.people.acting import Acting, OperatorCredential, admit_acting_in
from approvals_hub.people.names import answers, names_of
from approvals_hub.people.second_person import SecondPerson
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in
from approvals_hub.people.who_answers import LESS_REQUIRED, Waiting, Wanted

Setter = PersonCredential | OperatorCredential
Groups = Callable[[Tx, str, list[Row]], Awaitable[Mapping[str, Collection[str]]]]
"""Everybody in each group of an organisation, of these members."""


@dataclass(frozen=True, slots=True)
class SetRequirement:
    """Reads and replaces an organisation's default requirement. Open questions keep the one they were opened with.

    Asking for more is done at once; asking for less needs a fresh factor: a stolen session must not let through what
    two people were to look at. Where publishing takes a second person, so does asking for less: policies ask beside
    what the organisation asks.
    """

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    groups_in: Groups
    second: SecondPerson
    methods: frozenset[str] = frozenset()
    """The ways to prove who one is that this hub offers, as requirements name them."""

    async def __call__(self, setter: Setter, value: dict[str, Any] | bytes, fresh: Any = None) -> Requirement | Waiting:
        """Replace it whole: a member left out gets its default. Setting what stands already is no change. Waiting: a
        second person is asked first.

        Raises Invalid with the member's path, Unauthenticated, Forbidden without the right to set it, or without a
        fresh factor where it asks for less in any member; Conflict where nobody could be the second person; TooMany of
        drafts.
        """
        wanted = read_default(value)
        self._refuse_unknown(wanted)
        refuse_sent_codes(wanted)
        now = self.clock.now()

        async def work(tx: Tx) -> Requirement | Waiting | HubError:
            who = await admit_acting_in(tx, setter, now, Permission.SET_REQUIREMENT)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = await requirement_in(tx, who.org_id)
            if before == wanted:
                return wanted
            refusal = await self.refuse_in(tx, who.org_id, wanted)
            if refusal is not None:
                return refusal
            if wanted.asks_less_than(before):
                refusal = await refuse_stale_in(tx, self.fresh, setter, fresh, now)
                if refusal is not None:
                    return refusal
                less = Wanted(LESS_REQUIRED, "", wanted.text().decode(), 0, requirement_hash(before.text()))
                waiting = await self.second.keep_in(tx, who, less, now)
                if waiting is not None:
                    return waiting
            await self.set_in(tx, who, before, wanted, now)
            return wanted

        made = await self.db.run(work, org=setter.org_id)
        if isinstance(made, HubError):
            raise made
        return await self.second.asked(made) if isinstance(made, Waiting) else made

    async def set_in(
        self, tx: Tx, who: Acting, before: Requirement, wanted: Requirement, now: int, *, question: str | None = None
    ) -> None:
        """Put it in the place of `before`, for whoever may; `question` is what people have signed about it."""
        await orgs.set_requirement(tx, who.org_id, wanted.text().decode())
        detail: Detail = {
            "before": requirement_hash(before.text()),
            "after": requirement_hash(wanted.text()),
            "approvals": wanted.approvals,
            "min_assurance": wanted.min_assurance,
            "methods": list(wanted.methods),
            "owner_counts": wanted.owner_counts,
            "wait": wanted.wait,
        }
        await self.recorder.record(
            tx,
            Event(
                kind="org.requirement_changed",
                org_id=who.org_id,
                at=now,
                actor_type=who.actor_type,
                actor_id=who.actor_id,
                escalation_id=question,
                detail=detail,
            ),
        )

    async def refuse_in(self, tx: Tx, org_id: str, wanted: Requirement) -> HubError | None:
        """Why this cannot be asked here: it needs a code without a way to it, or names somebody who is not here."""
        return refusal_of_codes(wanted) or await self._refuse_names_in(tx, org_id, wanted)

    def _refuse_unknown(self, wanted: Requirement) -> None:
        """A question that asks for a way which nobody can take could only expire. Raises Invalid."""
        unknown = [method for method in wanted.methods if method not in self.methods]
        if unknown:
            raise Invalid(
                "requirement_invalid",
                f"this hub proves nobody by {unknown[0]!r}",
                next_step=f"Name some of: {', '.join(sorted(self.methods))}.",
                field="$.methods",
            )

    async def _refuse_names_in(self, tx: Tx, org_id: str, wanted: Requirement) -> HubError | None:
        """A name that nobody has, or a person who may not answer, would make every question a refusal."""
        paths = wanted.paths_of_names()
        if not paths:
            return None
        rows = await people.standings(tx, org_id)
        known = names_of([row for row in rows if answers(row["roles"])], await self.groups_in(tx, org_id, rows))
        for name, path in paths.items():
            if name not in known:
                return Invalid(
                    "requirement_invalid",
                    f"there is nobody here by the name {name} who may answer",
                    next_step="Name a role, a group, or a member who may answer.",
                    field=path,
                )
        return None

    async def present(self, reader: Setter) -> Requirement:
        """What stands now. Raises Unauthenticated, Forbidden without the right to set it."""
        now = self.clock.now()

        async def work(tx: Tx) -> Requirement | HubError:
            who = await admit_acting_in(tx, reader, now, Permission.SET_REQUIREMENT)
            return who if isinstance(who, HubError) else await requirement_in(tx, who.org_id)

        return settled(await self.db.read(work, org=reader.org_id))


async def requirement_in(tx: Tx, org_id: str) -> Requirement:
    """What stands in an organisation."""
    row = await orgs.find(tx, org_id)
    assert row is not None
    return stored(row["requirement"])
