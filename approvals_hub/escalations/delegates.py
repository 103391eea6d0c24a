"""Whose inbox a new question comes into beside those who are asked: whoever stands in for one of them now."""

from __future__ import annotations

from collections.abc import Collection

from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.routing.absence import stand_in
from approvals_hub.routing.resolve import absences_in


async def delegates_in(tx: Tx, org_id: str, people: Collection[str], beside: Beside, now: int) -> tuple[str, ...]:
    """Each once, however many they stand in for, and none who is asked anyway; sorted."""
    absences = await absences_in(tx, org_id, now)
    may = beside.may_stand_in(people)
    chains = (
        stand_in(person, absences, now, may_stand_in=may, barred=beside.barred)
        for person in {each.person for each in absences}.intersection(people)
    )
    return tuple(sorted({chain[-1].person for chain in chains if chain is not None}.difference(people)))
