"""Channels are shown with how they do, and without what is nobody's business."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Forbidden, NotFound
from approvals_hub.notifications.read_deliveries import Wanted
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

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


async def test_where_the_operators_channel_leads_is_not_told_by_its_errors(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "refused-1")
    tried = await house.hub.channels.tried(house.owner.credential, "pager")
    assert (tried.status, tried.said) == ("settings", None)
    await house.bot.ask()
    await house.hub.reach.settled()
    shown = await house.hub.channels.read.one(house.owner.credential, "pager")
    assert shown.health.last_error is not None
    assert shown.health.last_error.said is None
    log = await house.hub.channels.deliveries(house.owner.credential, Wanted())
    assert {(each.status, each.said) for each in log} == {("settings", None)}
    # Whoever runs the hub reads them.
    assert (await house.hub.channels.deliveries(house.operator, Wanted()))[0].said == "who are you"
