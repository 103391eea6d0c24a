"""What waits for people who are away, in the inbox of whoever stands in for them now."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from approvals_hub.db.database import Tx
from approvals_hub.escalations import facts_store
from approvals_hub.escalations import inbox_store as inbox
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import standing_in
from approvals_hub.people import store
from approvals_hub.people.names import answers
from approvals_hub.people.session import Session
from approvals_hub.routing.absence import Absence
from approvals_hub.routing.resolve import absences_in
from approvals_hub.routing.stand_in import StoodIn, next_change, stands_in, stood_in
from approvals_hub.routing.still_asked import holding_in


class Others(msgspec.Struct, frozen=True):
    """Their open questions, and for each in whose places somebody may answer it."""

    people: tuple[str, ...] = ()
    """For whom they stand in now, whatever the question."""
    escalations: tuple[Escalation, ...] = ()
    places: dict[str, tuple[StoodIn, ...]] = {}
    changes_at: int | None = None
    """When somebody goes away next, or comes back."""


NOBODY = Others()


async def others_in(tx: Tx, session: Session, *, now: int, limit: int) -> Others:
    """What the session's person may answer for others now.

    Nothing more is read in an organisation where nobody who has a delegate is away. Whoever has answered themselves
    needs nobody; who was disabled or left has no line that somebody else could see.
    """
    if session.absent_until is None or now >= session.absent_until:
        return NOBODY
    absences = await absences_in(tx, session.org_id, now)
    changes_at = next_change(absences, now)
    people = _everywhere(session.person_id, absences, now)
    if not people or not answers(" ".join(session.roles)):
        return Others(changes_at=changes_at)
    lines = await inbox.waiting_for(tx, people=people, org_id=session.org_id, now=now, limit=limit)
    known = {escalation.id: escalation for _, escalation in lines}
    shown = {(escalation.id, person_id) for person_id, escalation in lines}
    stands = {name: standing_in(session.person_id, each, absences, now) for name, each in known.items()}
    holding = await holding_in(tx, session.org_id, list({each for found in stands.values() for each in found}))
    shown -= await facts_store.answered_of(tx, list(known), list(people))
    names = await store.names(tx, list(people))
    places = {
        name: tuple(stood_in(each, names) for each in found if each in holding.kept and (name, each.person_id) in shown)
        for name, found in stands.items()
    }
    places = {name: found for name, found in places.items() if found}
    return Others(people, tuple(known[name] for name in places), places, changes_at)


def _everywhere(person_id: str, absences: Collection[Absence], now: int) -> tuple[str, ...]:
    """For whom somebody stands in, as long as a question does not say otherwise."""
    away = {each.person for each in absences}
    delegates = {each.delegate for each in absences if each.delegate is not None}
    found = stands_in(person_id, away, absences, now, may_stand_in=delegates, barred=())
    return tuple(each.person_id for each in found)


def soonest(own: list[Escalation], others: Collection[Escalation], limit: int) -> list[Escalation]:
    """Both together, each once, the soonest to expire first."""
    if not others:
        return own
    both = {each.id: each for each in (*own, *others)}
    return sorted(both.values(), key=lambda each: (each.expires_at, each.id))[:limit]
