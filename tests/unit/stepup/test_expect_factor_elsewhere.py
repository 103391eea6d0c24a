"""Somebody is a member of two organisations, one of which says whose eID theirs must be: they link signed in to the
other one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals_hub.core.errors import Forbidden
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import Requirement
from approvals_hub.orgs import store as orgs
from approvals_hub.stepup.expect_factor import EXPECTED_LIFE
from tests.fakes.step_up_plugin.moody import Vendor
from tests.unit.hub_actors import Person
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import begin, link_moody, question

EXPECTED, ANOTHER = "199001011239", "another"


async def linked_elsewhere(house: StaffedHub, vendor: Vendor, subject: str) -> Person:
    """Ada, of whom this organisation expects `EXPECTED`, and who linked this at another one."""
    ada = await house.person("Ada")
    hub, owner = house.hub, house.owner
    await hub.expect_factor(owner.credential, house.org_id, ada.person_id, "moody", EXPECTED, await owner.fresh())

    async def work(tx: Tx) -> None:
        now = house.time.now
        await orgs.add(tx, org_id="org_other", name="Other", requirement=Requirement().text().decode(), at=now)
        await hub.vault.create_in(tx, "org_other", at=now)
        await orgs.add_member(tx, org_id="org_other", person_id=ada.person_id, roles="approver", at=now + 1)
        await tx.execute("UPDATE sessions SET org_id = 'org_other' WHERE person_id = :id", id=ada.person_id)

    await hub.db.run(work)
    ada.credential = replace(ada.credential, org_id="org_other")
    await link_moody(ada, vendor, subject)
    ada.credential = await ada.sign_in()
    return ada


async def test_another_eid_that_was_linked_there_proves_nothing_here_while_the_expected_one_is_waited_for(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    ada = await linked_elsewhere(plugged, vendor, ANOTHER)
    statement = await ada.statement(await question(plugged, methods=("moody",)))
    with pytest.raises(Forbidden) as refused:
        await begin(ada, statement, "moody")
    assert refused.value.code == "wrong_person"
    assert await plugged.rows("SELECT id FROM step_ups WHERE purpose = 'decision'") == []


async def test_it_proves_its_person_once_nobody_waits_any_more(plugged: StaffedHub, vendor: Vendor) -> None:
    ada = await linked_elsewhere(plugged, vendor, ANOTHER)
    plugged.time.now += EXPECTED_LIFE
    ada.credential = await ada.sign_in()
    statement = await ada.statement(await question(plugged, methods=("moody",)))
    assert (await begin(ada, statement, "moody")).step.state == "running"


async def test_the_expected_eid_that_was_linked_there_proves_its_person_here_too(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    ada = await linked_elsewhere(plugged, vendor, EXPECTED)
    statement = await ada.statement(await question(plugged, methods=("moody",)))
    assert (await begin(ada, statement, "moody")).step.state == "running"


async def test_the_expected_eid_that_was_linked_there_is_marked_as_met_here_and_recorded(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    await linked_elsewhere(plugged, vendor, EXPECTED)
    await plugged.hub.collect_step_ups.forget()
    [one] = await plugged.hub.list_expected(plugged.operator)
    assert one.state == "linked"
    [event] = await plugged.events("factor.met")
    assert event["detail"]["factor_id"] == one.expected_id
    await plugged.hub.collect_step_ups.forget()
    assert len(await plugged.events("factor.met")) == 1


async def test_another_eid_that_was_linked_there_is_told_to_the_admins_here_once_and_stays_waited_for(
    plugged: StaffedHub, vendor: Vendor
) -> None:
    ada = await linked_elsewhere(plugged, vendor, ANOTHER)
    for _ in range(2):
        await plugged.hub.collect_step_ups.forget()
        plugged.time.now += 60_000
    told = [one for one in await plugged.hub.list_notices(plugged.operator, limit=9) if one.kind == "identity_differs"]
    assert [one.subject_id for one in told] == [ada.person_id]
    [one] = await plugged.hub.list_expected(plugged.operator)
    assert one.state == "waiting"
