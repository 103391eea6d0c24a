"""What puts policies in force: who counts as somebody who may publish."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden
from approvals_hub.policies.put_in_force import may_publish
from tests.unit.hub_fixture import StaffedHub


@pytest.mark.parametrize(
    ("roles", "state", "may"),
    [("owner", "active", True), ("approver admin", "active", True), ("admin", "disabled", False)]
    + [(role, "active", False) for role in ("approver", "auditor", "developer")],
)
def test_owners_and_admins_who_are_active_publish(roles: str, state: str, may: bool) -> None:
    assert may_publish({"roles": roles, "state": state}) is may


async def test_a_second_person_is_wanted_only_where_there_is_one_and_only_with_a_fresh_factor(
    house: StaffedHub,
) -> None:
    keep = house.hub.policies.keep
    with pytest.raises(Conflict) as refused:
        await keep.want_second_person(house.operator, wanted=True)
    assert refused.value.code == "no_second_person"
    ada = await house.person("Ada", "admin")
    with pytest.raises(Forbidden):
        await keep.want_second_person(ada.credential, wanted=True)
    assert await keep.want_second_person(ada.credential, wanted=True, fresh=await ada.fresh()) is None
    assert await keep.want_second_person(ada.credential, wanted=True) is None
    assert await keep.takes_second_person(ada.credential)
