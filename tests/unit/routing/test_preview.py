"""What a route would do."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import MINUTE
from approvals_hub.core.errors import Invalid, NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import LADDER, ladder


async def test_a_route_tells_level_by_level_and_ends(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await ladder(house, ada.person_id)
    start = house.time.now
    foreseen = await house.hub.preview_route(house.owner.credential, "ladder")
    told = [(each.at - start, each.level, each.person, each.channel) for each in foreseen.told]
    # Ada's device is given a minute; then the level is used up, and the last one lasts its three minutes.
    assert told == [(0, 1, ada.person_id, "push"), (MINUTE, 2, ada.person_id, "push")]
    assert (foreseen.end.at - start, foreseen.end.outcome) == (4 * MINUTE, "denied")


async def test_a_text_that_is_not_saved_is_worked_out_and_saves_nothing(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    text = LADDER.replace("then: deny", "then: expire")
    foreseen = await house.hub.preview_route(house.operator, "ladder", text, at=1_800_000_000_000)
    assert (foreseen.opened_at, foreseen.end.outcome) == (1_800_000_000_000, "expired_unseen")
    assert (await house.hub.read_plans.one(house.operator, "route", "ladder")).plan.text == LADDER


async def test_a_short_question_is_over_before_its_route(house: StaffedHub) -> None:
    await ladder(house, house.owner.person_id)
    foreseen = await house.hub.preview_route(house.operator, "ladder", expires_in=30)
    assert (len(foreseen.told), foreseen.end.cause) == (1, "time_over")


async def test_what_cannot_be_worked_out_is_refused(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.preview_route(house.operator, "ladder")
    with pytest.raises(Invalid):
        await house.hub.preview_route(house.operator, "ladder", LADDER)
    with pytest.raises(Invalid):
        await house.hub.preview_route(house.operator, "ladder", LADDER, at=-1)
