"""Who is on call, and who stands in."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY, HOUR
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from approvals_hub.routing.schedule import OVERRIDES_LIMIT
from tests.unit.hub_fixture import StaffedHub
from tests.unit.routing.plans import schedule


async def test_turns_follow_each_other(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await schedule(house, ada.person_id, bo.person_id)
    now = await house.hub.on_call(house.operator, "nights")
    later = await house.hub.on_call(house.operator, "nights", now.until)
    assert {now.person_id, later.person_id} == {ada.person_id, bo.person_id}


async def test_who_stands_in_is_on_call_until_it_ends(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await schedule(house, ada.person_id)
    now, call = house.time.now, house.hub.on_call
    made = await call.stand_in(
        house.owner.credential,
        "nights",
        person=bo.person_id,
        since=now,
        until=now + HOUR,
        fresh=await house.owner.fresh(),
    )
    duty = await call(house.operator, "nights")
    assert (duty.person_id, duty.name, duty.until, duty.then) == (bo.person_id, "Bo", now + HOUR, [ada.person_id])
    assert await call.overrides(house.operator, "nights") == [made]
    await call.end(house.operator, "nights", made.override_id)
    assert (await call(house.operator, "nights")).person_id == ada.person_id
    assert [entry["detail"]["person_id"] for entry in await house.events("override.recorded")] == [bo.person_id]
    assert len(await house.events("override.ended")) == 1


async def test_a_stolen_session_puts_nobody_on_call_and_ends_no_override(house: StaffedHub) -> None:
    await schedule(house, house.owner.person_id)
    now, call = house.time.now, house.hub.on_call
    with pytest.raises(Forbidden):
        await call.stand_in(house.owner.credential, "nights", person=house.owner.person_id, since=now, until=now + 9)
    made = await call.stand_in(house.operator, "nights", person=house.owner.person_id, since=now, until=now + 9)
    with pytest.raises(Forbidden):
        await call.end(house.owner.credential, "nights", made.override_id)
    assert await call.overrides(house.operator, "nights") == [made]


async def test_what_makes_no_sense_is_refused(house: StaffedHub) -> None:
    await schedule(house, house.owner.person_id)
    now, call, me = house.time.now, house.hub.on_call, house.owner.person_id
    for since, until in ((now, now), (now - DAY, now), (now, now + 401 * DAY)):
        with pytest.raises(Invalid):
            await call.stand_in(house.operator, "nights", person=me, since=since, until=until)
    with pytest.raises(Invalid):
        await call.stand_in(house.operator, "nights", person="per_0", since=now, until=now + 1)
    with pytest.raises(Invalid):
        await call(house.operator, "nights", 2**62)
    for asked in (call(house.operator, "days"), call.overrides(house.operator, "days")):
        with pytest.raises(NotFound):
            await asked
    with pytest.raises(NotFound):
        await call.end(house.operator, "nights", "ovr_0")


async def test_there_are_only_so_many_overrides(house: StaffedHub) -> None:
    await schedule(house, house.owner.person_id)
    now, me = house.time.now, house.owner.person_id
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO schedule_overrides (id, org_id, schedule, person_id, since, until, recorded_at, recorded_by)"
        " SELECT 'ovr_' || i, :org, 'nights', 'per_0', 0, :until, 0, '' FROM n",
        most=OVERRIDES_LIMIT,
        org=house.org_id,
        until=now + DAY,
    )
    with pytest.raises(Conflict):
        await house.hub.on_call.stand_in(house.operator, "nights", person=me, since=now, until=now + 1)
