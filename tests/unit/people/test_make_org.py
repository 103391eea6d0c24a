"""Making an organisation: the operator always, people as many as the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.core.errors import Forbidden, Invalid
from approvals_hub.domain.hub_limits import HubLimits
from tests.unit.hub_fixture import StaffedHub, code_of, staffed_hub


async def test_people_make_none_unless_the_settings_let_them(house: StaffedHub) -> None:
    with pytest.raises(Forbidden) as refused:
        await house.hub.orgs.make(house.owner.credential, "Mine", await house.owner.fresh())
    assert code_of(refused.value) == "operator_makes_organisations"


async def test_a_person_makes_as_many_as_they_may_with_a_fresh_factor_and_owns_them(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with staffed_hub(database_place, tmp_path, limits=HubLimits(organisations_per_person=1)) as house:
        ada = await house.person("Ada")
        with pytest.raises(Forbidden) as stolen:
            await house.hub.orgs.make(ada.credential, "Mine")
        assert code_of(stolen.value) == "fresh_factor_needed"
        with pytest.raises(Invalid):
            await house.hub.orgs.make(ada.credential, " ", await ada.fresh())
        made = await house.hub.orgs.make(ada.credential, "Mine", await ada.fresh())
        mine = {each.org_id: each.roles for each in await house.hub.orgs.mine(ada.credential)}
        assert mine == {house.org_id: ("approver",), made.org_id: ("owner",)}
        [created] = [each for each in await house.events("org.created") if each["org_id"] == made.org_id]
        assert created["actor_id"] == ada.person_id
        with pytest.raises(Forbidden) as again:
            await house.hub.orgs.make(ada.credential, "Another", await ada.fresh())
        assert code_of(again.value) == "operator_makes_organisations"


async def test_the_operator_makes_one_whole_or_not_at_all(house: StaffedHub) -> None:
    for name, owner in (("", "Siv"), ("Second", ""), ("Second", "a\x1bb")):
        with pytest.raises(Invalid):
            await house.hub.orgs.make.by_operator(name, owner)
    assert len(await house.rows("SELECT id FROM orgs")) == 1
    made = await house.hub.orgs.make.by_operator("Second", "Siv", "siv@example.com")
    assert made.owner is not None
    assert made.owner.token not in repr(made)
    [row] = await house.rows("SELECT made_by FROM orgs WHERE id = :id", id=made.org_id)
    assert row["made_by"] is None
