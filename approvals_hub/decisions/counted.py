"""What of the votes on a question counts at this moment, and for whom."""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.db.database import Row, Tx
from approvals_hub.decisions.quorum import Vote
from approvals_hub.domain.beside import read_beside
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations.escalation import Escalation
from approvals_hub.escalations.place import Place
from approvals_hub.people.device import ACTIVE
from approvals_hub.people.names import answers
from approvals_hub.routing.stand_in import StandIn, read_stand_ins
from approvals_hub.routing.still_asked import holding_in, still_asked_in


async def counted_in(tx: Tx, escalation: Escalation, rows: list[Row]) -> tuple[Requirement, list[Vote]]:
    """The requirement without those of the voters whom it names no more, and the votes; `rows` are of `store.votes`.

    More is read only where somebody stood in for somebody, and where it names groups.
    """
    given = {row["id"]: read_stand_ins(row["stands_in"]) for row in rows}
    holding = await holding_in(tx, escalation.org_id, [each for found in given.values() for each in found])
    beside = read_beside(escalation.beside)
    asked = await still_asked_in(
        tx,
        escalation.org_id,
        escalation.asked(),
        holding.roles | {row["approver_id"]: _roles(row) for row in rows},
        opened_at=escalation.created_at,
        veto=() if beside is None else beside.veto,
    )
    return asked, [vote_of(row, given[row["id"]], holding.kept) for row in rows]


def vote_of(row: Row, given: Collection[StandIn], kept: Collection[StandIn]) -> Vote:
    """A stored vote, whether it still counts, and in whose places: those of `given` that are `kept`."""
    return Vote(
        row["approver_id"],
        row["decision"],
        row["acr"],
        answers(_roles(row)) and row["device_state"] == ACTIVE,
        tuple(row["methods"].split()),
        row["stage"],
        tuple(each.person_id for each in given if each in kept),
    )


def lapsed(escalation: Escalation, place: Place, before: Row) -> bool:
    """Whether somebody's vote on an open question does not count any more, as its device was revoked, or the absence
    was ended in which they gave it.

    They may give it again with another device, or in another absence: their first receipt would tell them that they
    have approved.
    """
    elsewhere = {each.absences for each in read_stand_ins(before["stands_in"])}
    ended = bool(elsewhere) and place.person_id not in place.asked.people
    ended = ended and elsewhere.isdisjoint(each.absences for each in place.stands_in)
    return escalation.open and (before["device_state"] != ACTIVE or ended)


def _roles(row: Row) -> str:
    """The roles that the voter has now; none for who is no active member."""
    member = row["member"] is not None and row["removed_at"] is None and row["person_state"] == "active"
    return row["roles"] if member else ""
