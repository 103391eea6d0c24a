"""A link for a colleague who lost every key: who may make it, for whom."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import DAY
from approvals_hub.core.errors import HubError
from approvals_hub.db.database import Tx
from approvals_hub.domain.requirement import stored
from approvals_hub.orgs import store as orgs
from tests.fakes.lost_keys import Lost
from tests.unit.hub_actors import Person
from tests.unit.hub_fixture import StaffedHub


async def refusal(lost: Lost, person_id: str, by: Person, *, fresh: bool = True) -> str:
    with pytest.raises(HubError) as refused:
        await lost.house.hub.recover_by_link(by.credential, person_id, await by.fresh() if fresh else None)
    return refused.value.code


async def test_a_link_opens_a_recovery_and_tells_the_person(lost: Lost) -> None:
    await lost.link()
    [recovery] = await lost.house.hub.list_recoveries.of_org(lost.house.operator)
    assert (recovery.way, recovery.opened_by) == ("colleagues", lost.house.owner.person_id)
    assert await lost.told("recovery.opened") == [lost.ada.person_id]


async def test_a_stolen_admin_session_makes_no_link(lost: Lost) -> None:
    assert await refusal(lost, lost.ada.person_id, lost.house.owner, fresh=False) == "fresh_factor_needed"
    assert await lost.house.hub.list_recoveries.of_org(lost.house.operator) == []


async def test_an_approver_makes_no_link(lost: Lost) -> None:
    assert await refusal(lost, lost.ada.person_id, lost.bo) == "role_missing"


async def test_nobody_makes_a_link_for_themselves(lost: Lost) -> None:
    assert await refusal(lost, lost.house.owner.person_id, lost.house.owner) == "own_recovery"


async def test_an_admin_makes_no_link_into_an_owners_account(lost: Lost) -> None:
    admin = await lost.house.person("Dee", "admin")
    assert await refusal(lost, lost.house.owner.person_id, admin) == "role_not_grantable"


async def test_a_person_of_another_organisation_is_not_found(lost: Lost) -> None:
    await lost.house.change("UPDATE memberships SET org_id = 'org_other' WHERE person_id = :id", id=lost.ada.person_id)
    assert await refusal(lost, lost.ada.person_id, lost.house.owner) == "person_unknown"


async def test_somebody_who_is_in_another_organisation_too_is_not_recovered_here(lost: Lost) -> None:
    async def work(tx: Tx) -> None:
        await orgs.add(tx, org_id="org_other", name="Other", requirement="{}", at=1)
        await orgs.add_member(tx, org_id="org_other", person_id=lost.ada.person_id, roles="approver", at=1)

    await lost.house.hub.db.run(work)
    assert await refusal(lost, lost.ada.person_id, lost.house.owner) == "several_organisations"


async def test_a_disabled_person_gets_no_link(lost: Lost) -> None:
    govern = lost.house.hub.govern
    await govern.set_person_state(lost.house.operator, lost.house.org_id, lost.ada.person_id, "disabled")
    assert await refusal(lost, lost.ada.person_id, lost.house.owner) == "person_unknown"


async def test_somebody_who_never_had_a_key_is_invited_instead(lost: Lost) -> None:
    await lost.house.change("UPDATE devices SET confirmed_at = NULL WHERE person_id = :id", id=lost.ada.person_id)
    assert await refusal(lost, lost.ada.person_id, lost.house.owner) == "never_had_key"


async def test_the_only_colleague_cannot_make_the_link_and_agree_to_it(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    lost = Lost(house, ada, ada, ada, [house.owner, ada])
    await lost.later(2 * DAY)
    assert await refusal(lost, ada.person_id, house.owner) == "no_approvers"
    # The operator makes it, and the only colleague agrees: two people.
    made = await house.hub.recover_by_link(house.operator, ada.person_id)
    phone = await lost.by_link(made.token)
    assert phone.recovery.escalation_id is not None
    await house.owner.answer(phone.recovery.escalation_id)
    await lost.later(DAY)
    assert await lost.state(phone) == "active"


async def test_an_admin_who_makes_up_two_colleagues_for_it_is_refused(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    lost = Lost(house, ada, ada, ada, [house.owner, ada])
    await lost.later(2 * DAY)
    for name in ("Puppet", "Another"):
        await house.person(name)
    assert await refusal(lost, ada.person_id, house.owner) == "no_approvers"


async def test_an_admin_who_made_up_two_colleagues_long_ago_still_needs_somebody_else(house: StaffedHub) -> None:
    ada, admin = await house.person("Ada"), await house.person("Admin", "admin")
    puppets = [await house.person(name, by=admin) for name in ("Puppet", "Another")]
    lost = Lost(house, ada, ada, ada, [house.owner, ada, admin, *puppets])
    await lost.later(60 * DAY)
    phone = await lost.by_link(await lost.link(admin))
    [row] = await house.rows("SELECT requirement FROM escalations WHERE id = :id", id=phone.recovery.escalation_id)
    asked = stored(row["requirement"])
    assert (asked.approvals, set(asked.people)) == (2, {admin.person_id, house.owner.person_id})


async def test_an_admin_whose_colleagues_are_all_made_up_is_refused(house: StaffedHub) -> None:
    ada, admin = await house.person("Ada"), await house.person("Admin", "admin")
    puppets = [await house.person(name, by=admin) for name in ("Puppet", "Another")]
    lost = Lost(house, ada, ada, ada, [ada, admin, *puppets])
    await house.change("UPDATE people SET state = 'disabled' WHERE id = :id", id=house.owner.person_id)
    await lost.later(60 * DAY)
    assert await refusal(lost, ada.person_id, admin) == "no_approvers"
