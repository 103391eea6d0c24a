"""Where somebody stands in a question; what many of them do from there is in tests/flows/test_standing_in.py."""

from __future__ import annotations

from typing import Any

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.domain.beside import Beside
from approvals_hub.domain.requirement import Requirement
from approvals_hub.escalations import store
from approvals_hub.escalations.escalation import COLUMNS, Escalation, of
from approvals_hub.escalations.place import Place, place_in, readable_in, standing_in
from approvals_hub.people.session import admit_person_in
from approvals_hub.routing.absence import Absence
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import away

ADA_BO = Absence("ada", 0, 100, "bo", id="abs_1")


def question(beside: Beside | None) -> Escalation:
    text = Requirement(people=("ada", "cy")).text().decode()
    row: dict[str, Any] = dict.fromkeys(COLUMNS.split(", "))
    return of(row | {"requirement": text, "beside": None if beside is None else beside.text()})


def stands(beside: Beside | None, person: str = "bo") -> bool:
    return bool(standing_in(person, question(beside), [ADA_BO], 50))


def test_who_may_stand_in_was_frozen() -> None:
    assert stands(Beside(others=("bo",)))
    assert not stands(Beside())  # they came later
    assert not stands(Beside(others=("bo",), barred=("bo",)))
    assert not stands(None)  # a question of before anything was frozen
    assert standing_in("cy", question(Beside()), [Absence("ada", 0, 100, "cy", id="abs_1")], 50)  # who is asked too


class Counted:
    """A unit's statements, counted."""

    def __init__(self, tx: Tx) -> None:
        self.tx, self.count = tx, 0

    async def row(self, sql: str, **params: object) -> Any:
        self.count += 1
        return await self.tx.row(sql, **params)

    async def rows(self, sql: str, **params: object) -> Any:
        self.count += 1
        return await self.tx.rows(sql, **params)


async def found(house: StaffedHub, person: Person, question_id: str) -> tuple[Place, bool, int]:
    """Their place, whether they may read it, and how many statements the place took."""

    async def work(tx: Tx) -> tuple[Place, bool, int]:
        session, escalation = (
            await admit_person_in(tx, person.credential, house.time.now),
            await store.find(tx, question_id),
        )
        assert not isinstance(session, HubError)
        assert escalation is not None
        counted: Any = Counted(tx)
        place = await place_in(counted, session, escalation, house.time.now)
        return place, await readable_in(tx, session, escalation, house.time.now) is not None, counted.count

    return await house.hub.db.read(work)


async def test_an_organisation_without_absences_pays_nothing_for_them(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    asked = (await house.bot.ask()).escalation.id
    for person in (ada, house.owner):
        assert (await found(house, person, asked))[2] == 0
    await away(house, bo)  # with nobody in his place
    assert (await found(house, ada, asked))[2] == 0


async def test_places_come_and_go_with_an_absence(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id]}})
    asked = (await house.bot.ask()).escalation.id
    assert (await found(house, bo, asked))[:2] == (Place(bo.person_id, (await found(house, bo, asked))[0].asked), False)
    await away(house, ada, bo, begins_in=HOUR, lasts=HOUR)
    assert not (await found(house, bo, asked))[1]
    house.time.now += HOUR
    place, reads, _ = await found(house, bo, asked)
    assert ([each.person_id for each in place.stands_in], place.seats(), reads) == (
        [ada.person_id],
        {ada.person_id},
        True,
    )
    house.time.now += HOUR
    assert not (await found(house, bo, asked))[1]
