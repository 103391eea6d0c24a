"""A test message to one's own device, and what the page does about an address that takes nothing any more."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from approvals_hub.core.clock import DAY
from tests.browser.push.scene import Told
from tests.contracts.channels.stage_webpush import PUBLIC


async def test_a_test_message_arrives_here_and_the_page_says_after_how_long(told: Told) -> None:
    await told.turn_on()
    await told.phone.button("Send test").click()
    arrived = await told.arrival(lambda one: one.id.startswith("tst_"))
    await told.phone.sees("The push service took the message")
    [shown] = await told.deliver(arrived.body)
    assert shown["title"] == "Test message"
    await told.phone.sees("The test message arrived here after")
    assert await told.phone.barriers() == []


async def test_an_address_that_is_gone_is_said_and_subscribed_anew_by_the_page_now_or_when_it_is_opened(
    told: Told,
) -> None:
    await told.turn_on()
    told.service.browsers.clear()
    await told.phone.button("Send test").click()
    await told.phone.sees("notifications were turned on anew")
    assert told.asked_with == [PUBLIC, PUBLIC]
    # Gone again while no page is open: a question's message was refused, say.
    await _as_stored(told, "gone_at = 1, cause = 'gone'")
    await told.phone.leave()
    async with told.phone.page.expect_response("**/push"):
        await told.open("/app/")
    assert told.asked_with == [PUBLIC, PUBLIC, PUBLIC]
    assert len(await told.addresses()) == 1


async def test_a_device_that_nobody_looked_at_for_long_is_shown_as_one_that_may_not_be_told(told: Told) -> None:
    await told.open("/app/devices")
    await told.phone.sees("Nothing that works tells you")
    await told.switch.click()
    await expect(told.switch).to_have_attribute("aria-checked", "true")
    await expect(told.phone.page.get_by_text("Nothing that works tells you")).to_have_count(0)
    # What this browser registered is taken for another's, of long ago.
    passkey = "SELECT id FROM devices WHERE kind = 'passkey' AND state = 'active'"
    await _as_stored(
        told,
        f"device_id = ({passkey}), source = ({passkey}), address_hash = NULL,"
        f" registered_at = registered_at - {40 * DAY}",
    )
    await told.open("/app/devices")
    await told.phone.sees("nothing has been heard of it since")
    await expect(told.phone.button("Send test")).to_have_count(2)


async def _as_stored(told: Told, change: str) -> None:
    async def work(tx: Any) -> None:
        await tx.execute("UPDATE devices SET last_used_at = NULL WHERE kind = 'passkey'")
        await tx.execute(f"UPDATE contacts SET {change} WHERE device_id IS NOT NULL AND gone_at IS NULL")

    await told.hub.hub.db.run(work)
