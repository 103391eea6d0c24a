"""Where somebody stands in a question at this moment: on their own seat, in somebody's place, or nowhere."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import read_beside
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations import facts_store
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.orgs.org import Permission
from approvals_hub.people.names import answers
from approvals_hub.people.session import Session
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.resolve import absences_in
from approvals_hub.routing.stand_in import StandIn, read_stand_ins, stands_in
from approvals_hub.routing.still_asked import Holding, holding_in, still_asked_in


class Place(msgspec.Struct, frozen=True):
    """What somebody is to a question. Worked out anew for each request, as an absence begins and ends by itself."""

    person_id: str
    asked: Requirement
    """The frozen one without this person, and those they stand in for, where it does not name them any more."""
    stands_in: tuple[StandIn, ...] = ()
    """In whose places they answer."""
    before: bool = False
    """Whether they stood in when they answered, and do not any more: they may still take that back."""

    def seats(self) -> frozenset[str]:
        """Whose seats they may sit on, their own too, of everybody who is asked now or later."""
        mine = {self.person_id, *(each.person_id for each in self.stands_in)}
        return frozenset(mine.intersection(self.asked.people))


async def place_in(tx: Tx, session: Session, escalation: Escalation, now: int) -> Place:
    """The place of the session's person.

    Nothing is read for somebody who is asked by a requirement without groups, in an organisation where nobody who has a
    delegate is away.
    """
    own, holding, found = " ".join(session.roles), Holding(), tuple[StandIn, ...]()
    if session.absent_until is not None and now < session.absent_until:
        absences = await absences_in(tx, session.org_id, now)
        found = standing_in(session.person_id, escalation, absences, now)
        holding = await holding_in(tx, session.org_id, found)
        found = await _unanswered_in(tx, escalation, [each for each in found if each in holding.kept])
    place = await _place_in(tx, session.person_id, own, escalation, found, holding)
    if session.absent_until is None or not place.seats().isdisjoint(place.asked.asked_at(escalation.stage)):
        return place
    given = read_stand_ins(await facts_store.stood_in(tx, escalation.id, session.person_id))
    holding = await holding_in(tx, session.org_id, given)
    kept = tuple(each for each in given if each in holding.kept)
    earlier = await _place_in(tx, session.person_id, own, escalation, kept, holding)
    return msgspec.structs.replace(earlier, before=True) if earlier.stands_in else place


async def readable_in(tx: Tx, session: Session, escalation: Escalation, now: int) -> Place | None:
    """The place of somebody who may read the question: whoever is asked, now or in a later stage, or stands in for one
    who is, and those whose role reads every question of the organisation. None for others."""
    if session.org_id != escalation.org_id:
        return None
    place = await place_in(tx, session, escalation, now)
    return place if place.seats() or session.allows(Permission.READ_ESCALATIONS) else None


def standing_in(person_id: str, escalation: Escalation, absences: Collection[Absence], at: int) -> tuple[StandIn, ...]:
    """In whose places somebody answers this question at an instant, by what was frozen when it opened. Pure."""
    beside = read_beside(escalation.beside)
    if beside is None or person_id in beside.barred:
        return ()
    people = escalation.asked().people
    return stands_in(person_id, people, absences, at, may_stand_in=beside.may_stand_in(people), barred=beside.barred)


async def _unanswered_in(tx: Tx, escalation: Escalation, found: list[StandIn]) -> tuple[StandIn, ...]:
    """Who has answered themselves needs nobody in their place."""
    if not found:
        return ()
    answered = await facts_store.answered_of(tx, [escalation.id], [each.person_id for each in found])
    return tuple(each for each in found if (escalation.id, each.person_id) not in answered)


async def _place_in(
    tx: Tx, person_id: str, own: str, escalation: Escalation, found: tuple[StandIn, ...], holding: Holding
) -> Place:
    beside = read_beside(escalation.beside)
    asked = await still_asked_in(
        tx,
        escalation.org_id,
        escalation.asked(),
        {each.person_id: holding.roles[each.person_id] for each in found} | {person_id: own},
        opened_at=escalation.created_at,
        veto=() if beside is None else beside.veto,
    )
    # Whoever has lost every role that answers does so in nobody's place either.
    places = tuple(each for each in found if each.person_id in asked.people) if answers(own) else ()
    return Place(person_id, asked, places)
