"""What waits for people who are away, in the inbox of whoever stands in."""

from __future__ import annotations

import msgspec

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.escalations import store
from approvals_hub.escalations.others import NOBODY, Others, others_in, soonest
from approvals_hub.people.session import admit_person_in
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import away


async def others(house: StaffedHub, person: Person, limit: int = 10) -> Others:
    async def work(tx: Tx) -> Others:
        session = await admit_person_in(tx, person.credential, house.time.now)
        assert not isinstance(session, HubError)
        return await others_in(tx, session, now=house.time.now, limit=limit)

    return await house.hub.db.read(work)


async def test_what_waits_for_somebody_waits_for_their_delegate_while_they_are_away(house: StaffedHub) -> None:
    ada, bo, cy = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    await house.hub.set_requirement(house.operator, {"quorum": {"of": [ada.person_id, cy.person_id], "approvals": 2}})
    first, second = [(await house.bot.ask()).escalation.id for _ in range(2)]
    assert await others(house, bo) == NOBODY
    now = house.time.now
    await away(house, ada, bo, begins_in=HOUR, lasts=HOUR)
    assert await others(house, bo) == Others(changes_at=now + HOUR)
    house.time.now += HOUR
    await away(house, cy, bo, lasts=5)
    found = await others(house, bo)
    assert (set(found.people), found.changes_at) == ({ada.person_id, cy.person_id}, house.time.now + 5)
    assert found.places == {}  # both questions have expired meanwhile
    third = (await house.bot.ask()).escalation.id
    await ada.answer(third)
    places = (await others(house, bo)).places
    assert [each.name for each in places[third]] == ["Cy"]  # Ada has answered herself
    assert {first, second}.isdisjoint(places)
    assert (await others(house, ada)).places == {}
    house.time.now += 2 * HOUR
    assert await others(house, bo) == NOBODY


async def test_both_together_are_in_the_order_of_their_ends(house: StaffedHub) -> None:
    one = (await house.bot.ask()).escalation
    found = await house.hub.db.read(lambda tx: store.find(tx, one.id))
    assert found is not None
    late, soon = msgspec.structs.replace(found, id="esc_b", expires_at=9), msgspec.structs.replace(found, id="esc_a")
    soon = msgspec.structs.replace(soon, expires_at=1)
    assert soonest([late], (), 10) == [late]
    assert soonest([late], (soon, late), 10) == [soon, late]
    assert soonest([late], (soon,), 1) == [soon]
