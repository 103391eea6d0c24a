"""Quiet hours of a person."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, Invalid, NotFound
from approvals_hub.db.database import Tx
from approvals_hub.routing.hours import Hours, Span
from approvals_hub.routing.resolve import quiet_in
from tests.unit.hub_fixture import StaffedHub

NIGHTS = Hours("Europe/Stockholm", (Span((0, 1, 2), 22 * 60, 7 * 60),))


async def test_quiet_hours_are_ones_own_and_recorded(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.hub.keep_quiet(ada.credential, NIGHTS, await ada.fresh())
    assert await house.hub.keep_quiet.present(ada.credential) == NIGHTS
    assert await house.hub.keep_quiet.present(house.owner.credential) is None

    async def work(tx: Tx) -> tuple[dict[str, Hours], dict[str, Hours]]:
        return await quiet_in(tx, house.org_id), await quiet_in(tx, "org_other")

    assert await house.hub.db.read(work) == ({ada.person_id: NIGHTS}, {})
    await house.hub.keep_quiet(ada.credential, None)
    assert await house.hub.keep_quiet.present(ada.credential) is None
    first, second = await house.events("quiet_hours.changed")
    assert (first["detail"]["before"], second["detail"]["before"]) == (None, first["detail"]["after"])


async def test_a_stolen_session_silences_nobody(house: StaffedHub) -> None:
    with pytest.raises(Forbidden):
        await house.hub.keep_quiet(house.owner.credential, NIGHTS)
    assert await house.hub.keep_quiet.present(house.owner.credential) is None


async def test_hours_that_cannot_be_are_refused(house: StaffedHub) -> None:
    for hours in (Hours("Europe/Nowhere", NIGHTS.spans), Hours("UTC", (Span(tuple(range(7)), 0, 0),))):
        with pytest.raises(Invalid):
            await house.hub.keep_quiet(house.owner.credential, hours)


async def test_the_operator_says_whose_and_a_person_has_their_own_alone(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await house.hub.keep_quiet(house.operator, NIGHTS, person_id=ada.person_id)
    assert await house.hub.keep_quiet.present(house.operator, person_id=ada.person_id) == NIGHTS
    assert await house.hub.keep_quiet.present(house.owner.credential, person_id=ada.person_id) is None
    with pytest.raises(NotFound):
        await house.hub.keep_quiet(house.operator, NIGHTS)
