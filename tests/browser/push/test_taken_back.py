"""Who forbids notifications in their browser's own settings: in a browser of its own, as Chromium gives no permission
back that was taken once.
"""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.push.scene import Told


async def forbid(told: Told) -> None:
    """What the person sets in their browser's settings."""
    browser = told.phone.context.browser
    assert browser is not None
    info = await told.phone.cdp.send("Target.getTargetInfo")
    where = {"origin": told.phone.url, "browserContextId": info["targetInfo"]["browserContextId"]}
    cdp = await browser.new_browser_cdp_session()
    await cdp.send("Browser.setPermission", {**where, "permission": {"name": "notifications"}, "setting": "denied"})


async def test_a_permission_that_was_taken_back_is_told_to_the_hub_and_it_says_what_to_do(told: Told) -> None:
    await told.turn_on()
    await forbid(told)
    async with told.phone.page.expect_response("**/push"):
        await told.open("/app/devices")
    await told.phone.sees("Your browser blocks notifications of this page")
    await expect(told.switch).to_have_count(0)
    assert await told.addresses() == []
    await told.open("/app/")
    await expect(told.phone.page).to_have_title("Waiting for you")  # it is painted whole
    await expect(told.phone.button("Turn on notifications")).to_have_count(0)
