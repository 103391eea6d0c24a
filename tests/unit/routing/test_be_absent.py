"""Saying that somebody is away."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import Conflict, Forbidden, Invalid, NotFound
from approvals_hub.routing.be_absent import ABSENCES_LIMIT, Away
from approvals_hub.routing.plan import GROUP
from tests.unit.hub_fixture import Person, StaffedHub
from tests.unit.routing.plans import group


async def away(house: StaffedHub, person: Person, delegate: Person | None = None, days: int = 3) -> Away:
    now = house.time.now
    delegate_id = None if delegate is None else delegate.person_id
    return await house.hub.be_absent(
        person.credential, since=now, until=now + days * DAY, delegate_id=delegate_id, fresh=await person.fresh()
    )


async def test_somebody_is_away_and_a_group_shows_who_stands_in(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    await group(house, ada.person_id)
    made = await away(house, ada, bo)
    [shown] = (await house.hub.read_plans.one(house.operator, GROUP, "ops")).people
    assert (shown.away_until, shown.delegate_id) == (made.until, bo.person_id)
    assert await house.hub.be_absent.present(ada.credential) == [made]
    assert await house.hub.be_absent.present(bo.credential) == []
    assert await house.hub.be_absent.present(house.owner.credential, everybody=True) == [made]
    await house.hub.be_absent.end(ada.credential, made.absence_id)
    assert await house.hub.be_absent.present(ada.credential) == []
    [entry] = await house.events("absence.recorded")
    assert (entry["actor_id"], entry["detail"]["delegate_id"]) == (ada.person_id, bo.person_id)
    assert len(await house.events("absence.ended")) == 1


async def test_a_stolen_session_lets_nobody_stand_in(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    now = house.time.now
    with pytest.raises(Forbidden):
        await house.hub.be_absent(ada.credential, since=now, until=now + DAY, delegate_id=bo.person_id)
    assert await house.hub.be_absent.present(ada.credential) == []


async def test_an_owner_says_it_for_somebody_and_nobody_else_does(house: StaffedHub) -> None:
    ada, bo, now = await house.person("Ada"), await house.person("Bo"), house.time.now
    with pytest.raises(Forbidden):
        await house.hub.be_absent(
            bo.credential, since=now, until=now + DAY, person_id=ada.person_id, fresh=await bo.fresh()
        )
    with pytest.raises(Forbidden) as refused:  # a stolen session of an owner makes nobody absent either
        await house.hub.be_absent(
            house.owner.credential, since=now, until=now + DAY, person_id=ada.person_id, delegate_id=bo.person_id
        )
    assert refused.value.code == "fresh_factor_needed"
    made = await house.hub.be_absent(
        house.owner.credential, since=now, until=now + DAY, person_id=ada.person_id, fresh=await house.owner.fresh()
    )
    assert (made.person_id, made.recorded_by) == (ada.person_id, house.owner.person_id)
    with pytest.raises(NotFound):
        await house.hub.be_absent.end(bo.credential, made.absence_id)


async def test_circles_and_long_chains_are_refused(house: StaffedHub) -> None:
    ada, bo, cy, dee = [await house.person(name) for name in ("Ada", "Bo", "Cy", "Dee")]
    await away(house, ada, bo)
    with pytest.raises(Conflict):
        await away(house, bo, ada)
    await away(house, bo, cy)
    with pytest.raises(Conflict) as refused:
        await away(house, cy, dee)
    assert refused.value.extra["chain"] == [ada.person_id, bo.person_id, cy.person_id, dee.person_id]


async def test_who_may_not_answer_stands_in_for_nobody(house: StaffedHub) -> None:
    ada, auditor = await house.person("Ada"), await house.person("Au", "auditor")
    for delegate in (auditor, ada):
        with pytest.raises(Invalid) as refused:
            await away(house, ada, delegate)
        assert refused.value.field == "$.delegate"
    with pytest.raises(Invalid):
        await away(house, ada, days=401)


async def test_somebody_who_is_not_here_is_not_found(house: StaffedHub) -> None:
    now = house.time.now
    with pytest.raises(NotFound):
        await house.hub.be_absent(house.owner.credential, since=now, until=now + DAY, person_id="per_0")


async def test_there_are_only_so_many(house: StaffedHub) -> None:
    await house.change(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " INSERT INTO absences (id, org_id, person_id, since, until, recorded_at, recorded_by)"
        " SELECT 'abs_' || i, :org, :person, 0, :until, 0, '' FROM n",
        most=ABSENCES_LIMIT,
        org=house.org_id,
        person=house.owner.person_id,
        until=house.time.now + DAY,
    )
    with pytest.raises(Conflict):
        await away(house, house.owner)


async def test_the_operator_says_it_for_a_member_and_never_for_nobody(house: StaffedHub) -> None:
    ada, now = await house.person("Ada"), house.time.now
    made = await house.hub.be_absent(house.operator, since=now, until=now + DAY, person_id=ada.person_id)
    assert (made.person_id, made.recorded_by) == (ada.person_id, "operator")
    assert [each.person_id for each in await house.hub.be_absent.present(house.operator, everybody=True)] == [
        ada.person_id
    ]
    with pytest.raises(NotFound):
        await house.hub.be_absent(house.operator, since=now, until=now + DAY)
    assert (await house.hub.be_absent.end(house.operator, made.absence_id)).until == now
    assert (await house.events("absence.ended"))[0]["actor_type"] == "operator"
