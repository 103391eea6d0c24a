"""A push address that is gone is told to its person elsewhere."""

from __future__ import annotations

from approvals_hub.notifications.gone import AGAIN_AFTER, PUSH_GONE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.notifications.own_house import at_beeper, with_beeper
from tests.unit.reach_house import Pager, registered

Paged = tuple[StaffedHub, Pager]
TITLE = "Notifications no longer reach one of your devices"


async def elsewhere(house: StaffedHub) -> None:
    """The owner's address that comes from no device."""
    await house.change(
        "INSERT INTO contacts (id, person_id, channel, source, device_id, address, masked, language, created_at,"
        " registered_at) SELECT 'con_else', person_id, channel, 'else', NULL, address, '…se', 'sv', created_at,"
        " registered_at FROM contacts WHERE device_id IS NOT NULL"
    )


async def asked(house: StaffedHub) -> None:
    await house.bot.ask()
    await house.hub.reach.settled()


async def news(house: StaffedHub) -> int:
    rows = await house.rows("SELECT 1 AS one FROM tellings WHERE kind = :kind", kind=PUSH_GONE)
    return len(rows + await house.rows("SELECT 1 AS one FROM outbox WHERE kind = :kind", kind=PUSH_GONE))


async def test_it_is_news_once_at_the_other_address_and_again_a_day_later(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "gone-01")
    await elsewhere(house)
    await asked(house)
    [event] = await house.events("device.push_gone")
    assert event["detail"] == {
        "device_id": house.owner.device_id,
        "person_id": house.owner.person_id,
        "channel": "pager",
    }
    assert (event["actor_type"], await news(house)) == ("hub", 1)
    await registered(house, "gone-02")
    await asked(house)
    assert (len(await house.events("device.push_gone")), await news(house)) == (2, 1)
    await house.change("UPDATE contacts SET gone_at = gone_at - :day - 1 WHERE gone_at IS NOT NULL", day=AGAIN_AFTER)
    await registered(house, "gone-03")
    await asked(house)
    assert await news(house) == 2


async def test_who_has_no_other_address_is_told_by_the_page_and_not_by_the_next_address(paged: Paged) -> None:
    house, pager = paged
    await registered(house, "gone-01")
    await asked(house)
    assert await news(house) == 0
    await registered(house, "good-01")
    assert TITLE not in [message.title for _, message in pager.took]


async def test_a_refusal_that_does_not_speak_of_the_address_is_no_news(paged: Paged) -> None:
    house, _ = paged
    await with_beeper(house)
    await at_beeper(house, "refused-01")
    await elsewhere(house)
    await asked(house)
    assert (await house.events("device.push_gone"), await news(house)) == ([], 0)


async def test_whoever_tries_their_own_device_reads_the_answer_and_gets_no_mail(paged: Paged) -> None:
    house, _ = paged
    await registered(house, "gone-01")
    await elsewhere(house)
    await house.hub.try_push(house.owner.credential, house.owner.device_id)
    assert (len(await house.events("device.push_gone")), await news(house)) == (1, 0)
