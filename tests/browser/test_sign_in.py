"""Coming back: by the key of the browser, by passkey, or not at all."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import MakePhone
from tests.browser.phone import Phone

KEYS = """async () => {
  const open = indexedDB.open('approvals-hub')
  await new Promise((resolve) => { open.onsuccess = resolve })
  if (!open.result.objectStoreNames.length) return 0
  const count = open.result.transaction('device-key').objectStore('device-key').count()
  await new Promise((resolve) => { count.onsuccess = resolve })
  return count.result
}"""


async def test_a_visitor_is_asked_to_sign_in(new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.open("/app/")
    await phone.heading("Sign in")
    assert phone.page.url.endswith("/app/sign-in")


async def test_a_linked_browser_whose_session_is_over_signs_in_by_itself(maja: Phone) -> None:
    await maja.context.clear_cookies()
    await maja.open("/app/")
    await maja.sees("Nothing waits for you")


async def test_a_passkey_offered_in_the_autofill_opens_a_session(maja: Phone) -> None:
    await maja.context.clear_cookies()
    await maja.lose_storage()
    # The authenticator of the tests picks the offered passkey as soon as it is offered.
    await maja.open("/app/sign-in")
    await maja.sees("Nothing waits for you")


async def test_a_passkey_opens_a_session_where_the_browser_offers_none(maja: Phone) -> None:
    await maja.offer_nothing()  # before it is signed out, or it signs in by itself
    await maja.context.clear_cookies()
    await maja.lose_storage()
    await maja.open("/app/sign-in")
    await maja.button("Sign in with a passkey").click()
    await maja.sees("Nothing waits for you")


async def test_signing_out_ends_the_session_and_leaves_no_key_behind(maja: Phone) -> None:
    await maja.offer_nothing()
    await maja.open("/app/devices")
    await maja.button("Sign out and unlink this device").click()
    await maja.heading("Sign in")
    await maja.open("/app/")
    await maja.heading("Sign in")
    assert await maja.page.evaluate(KEYS) == 0


async def test_signing_out_without_a_network_holds_when_the_network_is_back(maja: Phone) -> None:
    await maja.offer_nothing()
    await maja.open("/app/devices")
    await maja.sees("Key in a browser")
    await maja.context.set_offline(True)
    await maja.button("Sign out and unlink this device").click()
    await maja.heading("Sign in")
    assert await maja.page.evaluate(KEYS) == 0
    await maja.context.set_offline(False)
    await maja.open("/app/")
    await maja.heading("Sign in")
    assert await maja.page.evaluate("fetch('/v1/session').then((answer) => answer.status)") == 401
    assert await maja.page.evaluate("localStorage.length") == 0


async def test_signing_out_is_at_hand_where_the_network_went_while_the_page_was_loading(maja: Phone) -> None:
    await maja.offer_nothing()
    await maja.sees("Nothing waits for you")
    # The last of what the page asks for, after all that it shows: it lost the race with the network now and then.
    await maja.context.route("**/v1/recoveries", lambda route: route.abort())
    await maja.open("/app/devices")
    await maja.sees("Key in a browser")
    await maja.sees("The hub cannot be reached")
    await expect(maja.button("Sign out and unlink this device")).to_be_visible()
    await maja.context.unroute("**/v1/recoveries")
    await maja.button("Try again").click()
    await expect(maja.page.get_by_text("The hub cannot be reached")).to_have_count(0)
    await maja.button("Sign out and unlink this device").click()
    await maja.heading("Sign in")


async def test_a_session_that_was_ended_elsewhere_ends_here_at_once(maja: Phone) -> None:
    await maja.offer_nothing()
    await maja.sees("Nothing waits for you")
    await maja.page.evaluate("fetch('/v1/sessions/current', {method: 'DELETE'})")
    await maja.heading("Sign in")


async def test_a_device_and_its_session_are_listed_by_the_name_given_to_them_until_it_is_revoked(maja: Phone) -> None:
    await maja.open("/app/devices")
    passkey = maja.page.locator(".rows li").filter(has_text="Passkey")
    await passkey.get_by_role("button", name="Rename").click()
    await maja.sheet.get_by_role("textbox", name="What do you call it?").fill("  Maja’s kitchen phone ")
    await maja.sheet.get_by_role("button", name="Save").click()
    named = maja.page.locator(".rows li").filter(has_text="Maja’s kitchen phone")
    await expect(named).to_have_count(2)
    await expect(named.last.get_by_text("with a passkey")).to_be_visible()
    row = maja.page.locator(".rows li", has_text="Key in a browser")
    await row.get_by_role("button", name="Revoke").click()
    await maja.sheet.get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)


async def test_words_are_swedish_for_who_reads_swedish(new_phone: MakePhone) -> None:
    phone = await new_phone(locale="sv-SE")
    await phone.open("/app/sign-in")
    await phone.heading("Logga in")
    assert await phone.page.evaluate("document.documentElement.lang") == "sv"


async def test_a_session_that_ends_while_a_screen_is_painted_leads_to_signing_in(maja: Phone) -> None:
    asked, ended, refused = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def after_the_end(route: Route) -> None:
        asked.set()
        await ended.wait()
        await route.continue_()

    async def after_the_refusal(route: Route) -> None:
        # The screen hears of it before the feed does.
        await refused.wait()
        await route.continue_()

    async def ending(route: Route) -> None:
        answer = await route.fetch()
        async with maja.page.expect_response("**/pending-devices"):
            ended.set()
        refused.set()
        await route.fulfill(response=answer)

    await maja.offer_nothing()
    await maja.page.route("**/pending-devices", after_the_end)
    await maja.page.route("**/v1/inbox*", after_the_refusal)
    await maja.page.route("**/v1/sign-out", ending)
    await maja.open("/app/devices")
    await asked.wait()
    await maja.button("Sign out and").click()
    await maja.heading("Sign in")
