"""Channels are shown with how they do, and without what is nobody's business."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager

Paged = tuple[StaffedHub, Pager]


async def test_the_organisations_own_come_first_and_the_operators_say_only_how_they_do(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house, server="beeper.example")
    own, operators = await house.hub.channels.read(house.operator)
    assert (own.name, own.source, own.has_secret, own.settings) == ("beeper", "organisation", True, {})
    assert (operators.name, operators.source, operators.settings) == ("pager", "operator", None)
    ada = await house.person("Ada")
    with pytest.raises(Forbidden):
        await house.hub.channels.read(ada.credential)
    with pytest.raises(NotFound):
        await house.hub.channels.read.one(house.operator, "fax")


async def test_a_channel_says_how_it_did_lately(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "refused-1")
    await house.bot.ask()
    await house.hub.reach.settled()
    health = (await house.hub.channels.read.one(house.operator, "beeper")).health
    assert (health.hour.attempts, health.hour.failed, health.works()) == (1, 1, False)
    assert health.last_error is not None
    assert health.last_error.said == "who are you"
    house.time.now += 3_601_000
    health = (await house.hub.channels.read.one(house.operator, "beeper")).health
    assert (health.hour.attempts, health.day.attempts) == (0, 1)
