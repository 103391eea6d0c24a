"""A person hears that a device of theirs has been silent for long, before a question finds out."""

from __future__ import annotations

import asyncio

from approvals_hub.core.clock import DAY
from approvals_hub.notifications.stale import PUSH_STALE, WORTH_SAYING
from approvals_hub.people.contact import STALE_AFTER
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]
TITLE = "One of your devices has been silent for long"


async def heard(house: StaffedHub) -> None:
    """Every device says that it has its address still; sessions ended meanwhile, and that is not the matter here."""
    await house.change("UPDATE contacts SET registered_at = :now", now=house.time.now)


async def later(house: StaffedHub, milliseconds: int) -> int:
    """So much later a worker looks; how many people are told."""
    house.time.now += milliseconds
    told = await house.hub.reach.warn_of_stale()
    await house.hub.reach.settled()
    return told


def said(pager: Pager) -> list[str]:
    return [address for address, notice in pager.took if notice.title == TITLE]


async def test_it_is_said_once_a_silence_at_every_address_of_the_person_and_again_when_the_device_was_heard_between(
    paged: Paged,
) -> None:
    house, pager = paged
    second = await house.owner.further_device()
    await registered(house, "silent-01")
    await registered(house, "silent-02", by=second)
    assert await later(house, STALE_AFTER - 1) == 0
    # Both fell silent in the same minute: one piece of news.
    assert await later(house, 1) == 1
    assert sorted(said(pager)) == ["silent-01", "silent-02"]
    assert [await later(house, 7 * DAY) for _ in range(5)] == [0] * 5
    await heard(house)
    assert await later(house, STALE_AFTER) == 1


async def test_a_device_whose_key_is_used_is_not_silent_whenever_it_named_its_address(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "used-01")
    house.time.now += STALE_AFTER
    await house.change("UPDATE devices SET last_used_at = :now", now=house.time.now - 1)
    assert await later(house, 0) == 0
    assert await later(house, STALE_AFTER) == 1


async def test_nothing_is_said_of_a_device_that_is_revoked_gone_or_was_silent_long_before(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "silent-01")
    assert await later(house, STALE_AFTER + WORTH_SAYING) == 0
    for end in ("UPDATE contacts SET gone_at = :now", "UPDATE devices SET state = 'revoked', revoked_at = :now"):
        await heard(house)
        await house.change("UPDATE contacts SET gone_at = NULL")
        await house.change(end, now=house.time.now)
        assert await later(house, STALE_AFTER) == 0
    await heard(house)
    await house.change("UPDATE contacts SET gone_at = NULL")
    await house.change("UPDATE devices SET state = 'active', revoked_at = NULL")
    assert await later(house, STALE_AFTER) == 1


async def test_an_address_at_an_organisations_own_channel_is_that_organisations_news(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "beeper-01")
    assert await later(house, STALE_AFTER) == 1
    [row] = await house.rows("SELECT org_id, channel FROM tellings WHERE kind = :kind", kind=PUSH_STALE)
    assert (row["org_id"], row["channel"]) == (house.org_id, f"{house.org_id}/beeper")


async def test_two_processes_that_look_at_once_say_it_once(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "silent-01")
    house.time.now += STALE_AFTER
    told = await asyncio.gather(*[house.hub.reach.warn_of_stale() for _ in range(4)])
    await house.hub.reach.settled()
    assert (sum(told), said(pager)) == (1, ["silent-01"])
