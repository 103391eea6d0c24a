"""Being told on this device: offered, turned on and off, kept true, and what to do where it cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.phone import Phone, phone
from tests.browser.push.scene import Told
from tests.contracts.channels.stage_webpush import PUBLIC

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
    " Mobile/15E148 Safari/604.1"
)
NO_PUSH = "delete globalThis.PushManager; delete globalThis.Notification"


async def signed_in(told: Told, held: Phone, heading: str) -> None:
    """Another browser of the owner, with their passkey and no key of its own."""
    found = await told.phone.cdp.send("WebAuthn.getCredentials", {"authenticatorId": told.phone.authenticator})
    await held.bring(found["credentials"])
    await held.open("/app/sign-in")
    await held.heading(heading)


async def test_it_is_explained_then_turned_on_and_the_hub_knows_the_address(told: Told) -> None:
    await told.open("/app/devices")
    await told.phone.sees("what it is about is shown only when you open it")
    assert told.asked_with is None
    await told.switch.click()
    await expect(told.switch).to_have_attribute("aria-checked", "true")
    assert told.asked_with == [PUBLIC]
    assert len(await told.addresses()) == 1
    await told.open("/app/devices")
    await expect(told.switch).to_have_attribute("aria-checked", "true")
    least = told.phone.page.get_by_role("switch", name="Say only who asks")
    for wanted in ("true", "false"):
        await least.click()
        await expect(least).to_have_attribute("aria-checked", wanted)


async def test_turned_off_the_hub_forgets_the_address_and_the_browser_its_subscription(told: Told) -> None:
    await told.turn_on()
    await told.switch.click()
    await expect(told.switch).to_have_attribute("aria-checked", "false")
    assert await told.addresses() == []
    assert await told.phone.page.evaluate("localStorage.getItem('test.subscription')") is None


async def test_the_offer_in_the_inbox_turns_it_on(told: Told) -> None:
    await told.open("/app/")
    await told.phone.button("Turn on notifications").click()
    await told.phone.sees("This device tells you from now on")
    assert len(await told.addresses()) == 1
    await told.open("/app/")
    await told.phone.heading("Waiting for you")
    await expect(told.phone.button("Turn on notifications")).to_have_count(0)


async def test_the_offer_that_was_put_away_stays_away(told: Told) -> None:
    await told.open("/app/")
    await told.phone.button("Not now").click()
    await expect(told.phone.button("Turn on notifications")).to_have_count(0)
    await told.open("/app/")
    await expect(told.phone.page).to_have_title("Waiting for you")  # it is painted whole
    await expect(told.phone.button("Turn on notifications")).to_have_count(0)
    assert await told.addresses() == []


async def test_with_another_key_of_the_hub_it_subscribes_anew_by_itself(told: Told) -> None:
    await told.turn_on()
    [before] = await told.addresses()
    other = "BD" + PUBLIC[2:]
    await told.phone.page.evaluate(
        """(key) => localStorage.setItem('test.subscription',
          JSON.stringify({...JSON.parse(localStorage.getItem('test.subscription')), key}))""",
        other,
    )
    async with told.phone.page.expect_response("**/push"):
        await told.open("/app/devices")
    await expect(told.switch).to_have_attribute("aria-checked", "true")
    assert told.asked_with == [PUBLIC, PUBLIC]
    [after] = await told.addresses()
    assert after != before


async def test_a_subscription_that_the_browser_dropped_in_silence_is_made_anew_on_opening(told: Told) -> None:
    await told.turn_on()
    await told.phone.page.evaluate("localStorage.removeItem('test.subscription')")
    async with told.phone.page.expect_response("**/push"):
        await told.open("/app/")
    assert told.asked_with == [PUBLIC, PUBLIC]


async def test_what_somebody_before_turned_on_is_not_shown_to_who_signs_in_now(told: Told) -> None:
    await told.turn_on()
    await told.phone.page.evaluate(
        """async () => {
          const open = indexedDB.open('approvals-hub-push')
          await new Promise((done) => { open.onsuccess = done })
          const store = open.result.transaction('told', 'readwrite').objectStore('told')
          const get = store.get('this')
          await new Promise((done) => { get.onsuccess = done })
          await new Promise((done) => { store.put({...get.result, personId: 'per_other'}, 'this').onsuccess = done })
          open.result.close()
        }"""
    )
    await told.open("/app/devices")
    await expect(told.switch).to_have_attribute("aria-checked", "false")
    assert await told.phone.page.evaluate("localStorage.getItem('test.subscription')") is None


async def test_a_push_service_that_does_not_answer_is_said_and_nothing_is_registered(told: Told) -> None:
    await told.open("/app/devices")
    await told.phone.page.evaluate(
        "() => { PushManager.prototype.subscribe = async () => { throw new DOMException('no service', 'AbortError') } }"
    )
    await told.switch.click()
    await told.phone.sees("push service does not answer")
    await expect(told.switch).to_have_attribute("aria-checked", "false")
    assert await told.addresses() == []


async def test_a_browser_without_a_key_says_that_it_must_be_linked_first(told: Told) -> None:
    browser = told.phone.context.browser
    assert browser is not None
    async with phone(browser, told.phone.url) as held:
        await signed_in(told, held, "Waiting for you")
        await held.open("/app/devices")
        await held.sees("Link this device first")
        assert held.complaints == []


@pytest.mark.needs("axe")
@pytest.mark.parametrize(("agent", "said"), [(IPHONE, "Lägg till på hemskärmen"), (None, "kan inte visa aviseringar")])
async def test_a_browser_that_cannot_be_told_says_how_it_could_in_swedish_on_320_pixels(
    told: Told, agent: str | None, said: str
) -> None:
    browser = told.phone.context.browser
    assert browser is not None
    options: dict[str, Any] = {"locale": "sv-SE", "viewport": {"width": 320, "height": 640}}
    if agent is not None:
        options["user_agent"] = agent
    async with phone(browser, told.phone.url, **options) as held:
        await held.context.add_init_script(NO_PUSH)
        await signed_in(told, held, "Väntar på dig")
        for path in ("/app/", "/app/devices"):
            await held.open(path)
            if agent is not None or path == "/app/devices":
                await held.sees(said)
            assert await held.barriers() == []
            assert await held.overflow() == 0
        assert held.complaints == []


@pytest.mark.needs("axe")
async def test_neither_the_offer_nor_the_switch_has_a_barrier(told: Told) -> None:
    await told.phone.page.emulate_media(reduced_motion="reduce")
    await told.open("/app/")
    await expect(told.phone.button("Turn on notifications")).to_be_visible()
    assert await told.phone.barriers_by_day_and_night() == []
    await told.turn_on()
    # The list of devices is painted anew once it knows.
    await told.phone.sees("Is told by notifications.")
    await expect(told.phone.button("Add another passkey")).to_be_visible()
    # From its top: a button that was scrolled half under the bar is none that is too small.
    await told.phone.page.evaluate("scrollTo(0, 0)")
    assert await told.phone.barriers_by_day_and_night() == []
    assert await told.phone.overflow() == 0
    box = await told.switch.bounding_box()
    assert box["height"] >= 44
    await told.switch.focus()
    await told.phone.page.keyboard.press("Space")
    await expect(told.switch).to_have_attribute("aria-checked", "false")
    await expect(told.switch).to_be_focused()
