"""Which channels are fit to tell people."""

from __future__ import annotations

from approvals_hub.db.database import Tx
from approvals_hub.notifications.outlets import Outlets
from approvals_hub.notifications.working import fit_in
from notify.delivery import bad_settings
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.test_rehearse import Rehearsing
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]


async def fit(house: StaffedHub) -> list[str]:
    book, rehearse = house.hub.reach.dispatch.book, house.hub.channels.rehearse

    async def work(tx: Tx) -> list[str]:
        return await fit_in(tx, house.org_id, book.settings, rehearse)

    return await house.hub.db.read(work)


async def told(house: StaffedHub, address: str) -> None:
    await registered(house, address)
    await house.bot.ask()
    await house.hub.reach.settled()


async def test_one_whose_settings_are_refused_is_not_until_it_takes_something_again(paged: Paged) -> None:
    house, _ = paged
    assert await fit(house) == ["pager"], "what was never tried is"
    await told(house, "refused-01")
    assert await fit(house) == []
    house.time.now += 1
    await told(house, "works-01")
    assert await fit(house) == ["pager"]
    # A device that is gone, and a vendor that is busy, say nothing of the channel.
    house.time.now += 1
    await told(house, "gone-01")
    await told(house, "later-01")
    assert await fit(house) == ["pager"]


async def test_one_that_was_not_ready_is_not_until_it_takes_something(paged: Paged) -> None:
    house, _ = paged
    rehearse = house.hub.channels.rehearse
    rehearse.outlets = Outlets({"pager": Rehearsing(bad_settings("who are you"))})
    await rehearse()
    assert await fit(house) == []
    house.time.now += 1
    await told(house, "works-01")
    assert await fit(house) == ["pager"]
