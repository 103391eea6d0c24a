"""A claimed telling is opened with the channel as it stands then."""

from __future__ import annotations

from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager

Paged = tuple[StaffedHub, Pager]


async def test_a_question_goes_over_the_organisations_own_channel(paged: Paged) -> None:
    house, pager = paged
    await with_beeper(house)
    await at_beeper(house, "to-the-owner")
    opened = (await house.bot.ask()).escalation
    await house.hub.reach.settled()
    [row] = await house.rows("SELECT channel, lane, state FROM tellings")
    assert dict(row) == {"channel": f"{house.org_id}/beeper", "lane": f"{house.org_id}/beeper", "state": "sent"}
    assert pager.took == []
    assert opened.delivery == "trying"


async def test_secrets_that_do_not_open_fail_their_telling_and_stop_nobody(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "to-the-owner")
    await house.change("UPDATE channels SET secrets = :bad", bad=b"\x01" * 60)
    await house.bot.ask()
    await house.hub.reach.settled()
    assert [row["state"] for row in await house.rows("SELECT state FROM tellings")] == ["failed"]
