"""Owners and admins say how much agents may ask."""

from __future__ import annotations

from pathlib import Path

from approvals_hub.core.errors import Forbidden, HubError, Invalid, TooMany
from approvals_hub.domain.allowance import Limits
from approvals_hub.domain.hub_limits import HubLimits
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.step_up_actor import refused

LESS = {"agent": {"burst": 2, "hourly": 10}}
MORE = {"agent": {"burst": 500, "hourly": 500}}


async def test_asking_less_is_done_at_once_and_recorded(house: StaffedHub) -> None:
    set_to = await house.hub.set_limits(house.owner.credential, LESS)
    assert set_to.agent.burst == 2
    assert await house.hub.set_limits.present(house.owner.credential) == set_to
    [event] = await house.events("org.limits_changed")
    assert event["detail"]["agent_burst"] == 2


async def test_a_stolen_session_does_not_open_the_way_for_a_flood(house: StaffedHub) -> None:
    refusal = await refused(HubError, house.hub.set_limits(house.owner.credential, MORE))
    assert refusal.code == "fresh_factor_needed"
    assert await house.hub.set_limits.present(house.owner.credential) == Limits()


async def test_more_is_set_with_a_fresh_factor(house: StaffedHub) -> None:
    await house.hub.set_limits(house.owner.credential, MORE, await house.owner.fresh())
    assert (await house.hub.set_limits.present(house.owner.credential)).agent.burst == 500


async def test_what_stands_already_is_no_change(house: StaffedHub) -> None:
    await house.hub.set_limits(house.owner.credential, {})
    assert await house.events("org.limits_changed") == []


async def test_an_approver_sets_none(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    await refused(Forbidden, house.hub.set_limits(ada.credential, LESS))


async def test_an_organisation_has_what_the_operator_says_and_cannot_widen_it_beyond(
    database_place: Path | str, tmp_path: Path
) -> None:
    bounds = HubLimits(pair="2/60", pair_most="3/60")
    async with staffed_hub(database_place, tmp_path, limits=bounds) as house:
        owner = house.owner
        assert (await house.hub.set_limits.present(owner.credential)).pair.burst == 2
        for _ in range(2):
            await house.bot.ask()
        await refused(TooMany, house.bot.ask())
        wide = {"pair": {"burst": 4, "hourly": 60}}
        refusal = await refused(Invalid, house.hub.set_limits(owner.credential, wide, await owner.fresh()))
        assert (refusal.code, refusal.field) == ("limits_too_wide", "$.pair.burst")
        wide["pair"]["burst"] = 3
        await house.hub.set_limits(owner.credential, wide, await owner.fresh())
        await house.bot.ask()
