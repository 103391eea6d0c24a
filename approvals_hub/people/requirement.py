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
from approvals_hub.people.session import PersonCredential
from approvals_hub.people.stale import FreshFactors, refuse_stale_in

Setter = PersonCredential | OperatorCredential
Groups = Callable[[Tx, str, list[Row]], Awaitable[Mapping[str, Collection[str]]]]
"""Everybody in each group of an organisation, of these members."""


@dataclass(frozen=True, slots=True)
class SetRequirement:
    """Reads and replaces an organisation's default requirement. Open questions keep the one they were opened with.

    Asking for more is done at once; asking for less needs a fresh factor: a stolen session must not let through what
    two people were to look at.
    """

    db: Database
    recorder: Recorder
    fresh: FreshFactors
    clock: Clock
    groups_in: Groups
    methods: frozenset[str] = frozenset()
    """The ways to prove who one is that this hub offers, as requirements name them."""

    async def __call__(self, setter: Setter, value: dict[str, Any] | bytes, fresh: Any = None) -> Requirement:
        """Replace it whole: a member left out gets its default. Setting what stands already is no change.

        Raises Invalid with the member's path, Unauthenticated, Forbidden without the right to set it, or without a
        fresh factor where it asks for less in any member.
        """
        wanted = read_default(value)
        self._refuse_unknown(wanted)
        refuse_sent_codes(wanted)
        text = wanted.text()
        now = self.clock.now()

        async def work(tx: Tx) -> Requirement | HubError:
            who = await admit_acting_in(tx, setter, now, Permission.SET_REQUIREMENT)
            if isinstance(who, HubError):
                return who
            await tx.lock("orgs", who.org_id)
            before = await _present_in(tx, who)
            if before == wanted:
                return wanted
            refusal = refusal_of_codes(wanted) or await self._refuse_names_in(tx, who.org_id, wanted)
            if refusal is not None:
                return refusal
            if wanted.asks_less_than(before):
                refusal = await refuse_stale_in(tx, self.fresh, setter, fresh, now)
                if refusal is not None:
                    return refusal
            await orgs.set_requirement(tx, who.org_id, text.decode())
            detail: Detail = {
                "before": requirement_hash(before.text()),
                "after": requirement_hash(text),
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
                    detail=detail,
                ),
            )
            return wanted

        return settled(await self.db.run(work, org=setter.org_id))

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
            return who if isinstance(who, HubError) else await _present_in(tx, who)

        return settled(await self.db.read(work, org=reader.org_id))


async def _present_in(tx: Tx, who: Acting) -> Requirement:
    row = await orgs.find(tx, who.org_id)
    assert row is not None
    return stored(row["requirement"])
