"""Lost browsers and lost keys: what people see then."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone, other_device


async def test_a_lost_browser_that_is_signed_out_and_forgotten_does_not_come_back_by_itself(
    maja: Phone, browser: Browser
) -> None:
    async with other_device(browser, maja) as desk:
        await is_forgotten(maja, desk)
        assert desk.complaints == []


async def is_forgotten(maja: Phone, desk: Phone) -> None:
    """From the desk, for good."""
    await maja.offer_nothing()
    await maja.context.clear_cookies()
    await maja.open("/app/")
    await maja.sees("Nothing waits for you")  # by its key, of which this session is
    await desk.open("/app/devices")
    there = desk.page.get_by_role("button", name="Sign out there")
    await expect(there).to_have_count(2)
    await there.first.click()  # the one whose cookie is gone: a passkey opened it, and the desk's is asked for at once
    await expect(there).to_have_count(1)
    await there.click()
    await desk.sheet.get_by_role("button", name="Sign out and forget that device").click()
    await maja.heading("Sign in")
    await maja.open("/app/")
    await maja.heading("Sign in")
    await desk.open("/app/")
    await desk.sees("Nothing waits for you")


async def test_a_browser_that_lost_its_key_must_be_linked_again_and_the_old_key_ends(maja: Phone) -> None:
    await maja.open("/app/devices")
    before = await maja.page.locator(".rows li", has_text="Key in a browser").locator("code").inner_text()
    await maja.leave()
    await maja.context.clear_cookies()
    await maja.open("/app/")
    await maja.sees("Nothing waits for you")
    await maja.lose_storage()
    await maja.open("/app/")
    await maja.sees("This device must be linked again")
    await maja.button("Link this device").click()
    await maja.sees("This device is linked.")
    await maja.open("/app/devices")
    rows = maja.page.locator(".rows li", has_text="Key in a browser")
    await expect(rows).to_have_count(1)
    assert await rows.locator("code").inner_text() != before


async def test_without_a_key_store_every_answer_takes_the_passkey(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.context.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('no', 'DataCloneError') };"
        "indexedDB.open = () => { throw new DOMException('no', 'SecurityError') }"
    )
    await phone.set_up(hub.setup_link, also_key=False)
    agent = await hub.agent()
    question = await ask(agent)
    await phone.card(question.escalation_id)
    await phone.sees("Your passkey signs the answer.")
    await phone.confirm()
    await phone.heading("You approved")
    await agent.wait(question, within=20)
