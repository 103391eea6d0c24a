"""Channels are set up, changed and deleted, each recorded. Over HTTP: tests/flows/test_own_channels.py."""

from __future__ import annotations

import pytest

from approvals_hub.core.errors import Conflict, Forbidden, Invalid
from approvals_hub.notifications.channel import CHANNELS_LIMIT
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager

Paged = tuple[StaffedHub, Pager]


async def test_a_change_is_recorded_with_the_names_of_settings_and_no_value(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house, server="canary-one")
    await house.hub.channels.keep.put(house.operator, "beeper", "pager", {"server": "canary-two"}, version=1)
    await house.hub.channels.keep.put(house.operator, "beeper", "pager", {"server": "canary-two"}, version=1)
    await house.hub.channels.keep.delete(house.operator, "beeper", version=2)
    first, second = await house.events("channel.changed")
    [gone] = await house.events("channel.deleted")
    assert (first["detail"]["is_new"], first["detail"]["settings"]) == (True, ["server"])
    assert (second["detail"]["destination_changed"], gone["detail"]["name"]) == (True, "beeper")
    assert "canary" not in repr([first, second, gone])


async def test_a_session_alone_changes_nothing(paged: Paged) -> None:
    house, _ = paged
    ada = await house.person("Ada")
    for who, code in ((house.owner, Forbidden), (ada, Forbidden)):
        with pytest.raises(code):
            await house.hub.channels.keep.put(who.credential, "beeper", "pager", {"server": "x"})
    await house.hub.channels.keep.put(
        house.owner.credential, "beeper", "pager", {"server": "x"}, fresh=await house.owner.fresh()
    )
    assert (await house.hub.channels.read.one(house.operator, "beeper")).changed_by == house.owner.person_id


async def test_names_are_one_word_and_few_enough(paged: Paged) -> None:
    house, _ = paged
    keep = house.hub.channels.keep
    for name, refusal in (("Two words", Invalid), ("pager", Conflict), ("mail", Conflict)):
        with pytest.raises(refusal):
            await keep.put(house.operator, name, "pager", {"server": "x"})
    for number in range(CHANNELS_LIMIT):
        await keep.put(house.operator, f"n{number}", "pager", {"server": "x"})
    with pytest.raises(Conflict):
        await keep.put(house.operator, "another", "pager", {"server": "x"})


async def test_what_waits_for_a_deleted_channel_fails_and_its_addresses_go(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "later-1")
    await house.bot.ask()
    await house.hub.reach.settled()
    await house.hub.channels.keep.delete(house.operator, "beeper", version=1)
    assert [row["state"] for row in await house.rows("SELECT state FROM tellings")] == ["failed"]
    assert [row["cause"] for row in await house.rows("SELECT cause FROM contacts")] == ["removed"]
    await house.hub.reach.settled()


async def test_where_the_operator_wants_none_nothing_is_set_up(paged: Paged) -> None:
    house, _ = paged
    house.hub.channels.keep.book.own.off = True
    with pytest.raises(Conflict) as refused:
        await with_beeper(house)
    assert refused.value.code == "channels_off"
