"""Reading policies, and what they were."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from approvals_hub.policies.kept import KeptPolicy
from tests.unit.hub_fixture import StaffedHub
from tests.unit.policies.kept_policies import ASK, DENY, publish


@pytest.mark.parametrize("role", ["auditor", "developer"])
async def test_auditors_and_developers_read_policies_and_approvers_do_not(house: StaffedHub, role: str) -> None:
    await publish(house, ASK)
    reader, approver = await house.person("Ada", role), await house.person("Bo", "approver")
    assert [each.name for each in await house.hub.policies.read(reader.credential)] == ["main"]
    with pytest.raises(Forbidden):
        await house.hub.policies.read(approver.credential)


async def test_what_a_policy_was_stays_to_be_read(house: StaffedHub) -> None:
    await publish(house, ASK, source="c0ffee")
    await publish(house, DENY, version=1)
    found = await house.hub.policies.read.versions(house.operator, "main")
    assert [(each.version, each.text, each.source) for each in found] == [(2, DENY, None), (1, ASK, "c0ffee")]


async def test_one_that_is_not_there_is_not_found(house: StaffedHub) -> None:
    with pytest.raises(NotFound):
        await house.hub.policies.read.one(house.operator, "main")
    with pytest.raises(NotFound):
        await house.hub.policies.read.versions(house.operator, "main")


async def test_who_published_is_told_by_the_name_of_a_member_and_of_nobody_who_is_here_no_more(
    house: StaffedHub,
) -> None:
    ada = await house.person("Ada", "admin")
    await publish(house, ASK)
    keep, read = house.hub.policies.keep, house.hub.policies.read
    made = await keep.publish(ada.credential, "main", DENY, version=1, fresh=await ada.fresh())
    assert isinstance(made, KeptPolicy)
    assert made.publisher == "Ada"
    assert [each.publisher for each in await read.versions(house.operator, "main")] == ["Ada", None]
    assert (await read.one(house.operator, "main")).publisher == "Ada"
    await house.change("UPDATE memberships SET removed_at = 1 WHERE person_id = :id", id=ada.person_id)
    [listed] = await read(house.operator)
    assert (listed.published_by, listed.publisher) == (ada.person_id, None)
