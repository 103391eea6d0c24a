"""Channels of the settings are tried without sending."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from approvals_hub.core.clock import system_clock
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.rehearse import Rehearse, Rehearsed
from approvals_hub.workers import Workers
from notify.delivery import Delivery, TryLater, bad_settings
from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager

Paged = tuple[StaffedHub, Pager]


class Rehearsing(Pager):
    """A vendor that says beforehand what is in the way."""

    def __init__(self, meets: Delivery | None = None) -> None:
        super().__init__()
        self.meets = meets
        self.tries = 0
        self.breaks: Exception | None = None

    async def rehearse(self) -> Delivery | None:
        self.tries += 1
        if self.breaks is not None:
            raise self.breaks
        await self.speaks.wait()
        return self.meets


async def test_what_is_in_the_way_is_said_aloud_once_and_that_it_is_gone_too() -> None:
    wrong, ready, other = Rehearsing(bad_settings("who are you")), Rehearsing(), Pager()
    rehearse = Rehearse(Outlets({"wrong": wrong, "ready": ready, "other": other}), system_clock())
    with capture_logs() as said:
        await rehearse()
        await rehearse()
        wrong.meets = None
        await rehearse()
    assert [(each["event"], each["log_level"], each["channel"]) for each in said] == [
        ("channel_not_ready", "error", "wrong"),
        ("channel_ready", "info", "wrong"),
    ]
    assert (ready.tries, wrong.tries, rehearse.not_ready()) == (1, 3, {})


async def test_whoever_runs_the_hub_has_all_tried_anew_and_one_that_cannot_be_tried_is_left_out() -> None:
    pager = Rehearsing()
    rehearse = Rehearse(Outlets({"a": pager, "b": Pager()}), system_clock())
    assert await rehearse.every() == [Rehearsed("a", "pager", None, None)]
    pager.meets = TryLater(1.0, "nobody answers")
    assert await rehearse.every() == [Rehearsed("a", "pager", "later", "nobody answers")]


async def test_a_channel_of_a_package_that_raises_keeps_no_other_from_being_tried_and_its_words_are_not_told() -> None:
    wild, ready = Rehearsing(), Rehearsing()
    wild.breaks = RuntimeError("canary-password")
    found = await Rehearse(Outlets({"ready": ready, "wild": wild}), system_clock()).every()
    assert [(each.channel, each.said) for each in found] == [("ready", None), ("wild", "it failed with RuntimeError")]


async def test_a_channel_that_is_not_ready_does_not_work_for_any_organisation_and_says_no_more_to_it(
    paged: Paged,
) -> None:
    house, _ = paged
    channels = house.hub.channels
    channels.rehearse.outlets = Outlets({"pager": Rehearsing(bad_settings("certificate of inner.example"))})
    await channels.rehearse()
    shown = (await channels.read.one(house.owner.credential, "pager")).health
    assert shown.not_ready is not None
    assert (shown.works(), shown.not_ready.status, shown.not_ready.said) == (False, "settings", None)
    assert "pager" not in [name for few in await channels.read.warnings(house.operator) for name in few.channels]


async def test_a_vendor_that_hangs_holds_up_neither_the_start_nor_the_stop(paged: Paged) -> None:
    house, _ = paged
    silent = Rehearsing()
    silent.speaks.clear()
    house.hub.channels.rehearse.outlets = Outlets({"pager": silent})
    workers = Workers(house.hub, pace=0.02)
    workers.start()
    async with asyncio.timeout(10):
        while not silent.tries:
            await asyncio.sleep(0)
        await workers.stop()
