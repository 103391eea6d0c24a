"""A person with only a key in this browser adds a passkey: that key signs for it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Route, expect

from approvals_hub_client import AsyncHub
from tests.browser.authenticator_app import link_app
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


async def keyed(hub: LiveHub, new_phone: MakePhone) -> Phone:
    """The owner's phone, with a key in the browser and no passkey, at Devices."""
    held = await new_phone()
    await held.set_up(hub.setup_link, passkey=False)
    await held.open("/app/devices")
    return held


async def test_the_key_of_the_browser_signs_for_a_passkey_that_counts_at_once(
    hub: LiveHub, new_phone: MakePhone, agent: AsyncHub
) -> None:
    maja = await keyed(hub, new_phone)
    async with maja.page.expect_request(
        lambda asked: asked.url.endswith("/v1/devices") and asked.method == "POST"
    ) as sent:
        await maja.button("Add a passkey").click()
    await maja.sees("Your passkey is ready")
    existing = (await sent.value).post_data_json["existing"]
    assert set(existing) == {"device_id", "signature"}
    await expect(maja.page.get_by_text("Passkey ·").first).to_be_visible()
    await expect(maja.button("Add a passkey")).to_be_hidden()
    await hub.require(min_assurance="SUBSTANTIAL")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Passkey")
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("the key of a device + a passkey")


async def test_the_new_passkey_signs_in_on_another_phone(hub: LiveHub, new_phone: MakePhone) -> None:
    maja = await keyed(hub, new_phone)
    await maja.button("Add a passkey").click()
    await maja.sees("Your passkey is ready")
    found = await maja.cdp.send("WebAuthn.getCredentials", {"authenticatorId": maja.authenticator})
    other = await new_phone()
    await other.bring(found["credentials"])
    await other.open("/app/sign-in")
    await other.sees("Nothing waits for you")


async def test_a_passkey_without_the_screen_lock_is_not_added_and_it_may_be_tried_again(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    maja = await keyed(hub, new_phone)
    await maja.user_verifies(False)
    await maja.button("Add a passkey").click()
    await maja.sees("That was stopped before it was finished.")
    assert await maja.page.get_by_text("Passkey ·").count() == 0
    await maja.user_verifies(True)
    await maja.button("Add a passkey").click()
    await maja.sees("Your passkey is ready")


async def test_a_key_whose_word_for_the_passkey_is_replaced_on_the_way_adds_nothing(
    hub: LiveHub, new_phone: MakePhone
) -> None:
    maja = await keyed(hub, new_phone)

    async def forged(route: Route) -> None:
        body = route.request.post_data_json
        if body is not None:
            body["existing"]["signature"] = "A" * 86
        await route.continue_(post_data=None if body is None else json.dumps(body))

    await maja.page.route("**/v1/devices", forged)
    await maja.button("Add a passkey").click()
    await maja.sees("The passkey could not be added. Try again.")
    await maja.page.unroute("**/v1/devices")
    await maja.page.reload()
    await expect(maja.button("Add a passkey")).to_be_visible()


async def test_whoever_has_a_passkey_is_offered_none(maja: Phone) -> None:
    await maja.open("/app/devices")
    await expect(maja.page.get_by_text("Passkey ·").first).to_be_visible()
    assert await maja.button("Add a passkey").count() == 0


@pytest.mark.needs("axe")
async def test_the_offer_is_no_barrier_and_speaks_swedish(hub: LiveHub, new_phone: MakePhone) -> None:
    maja = await new_phone(locale="sv-SE")
    await maja.page.goto(hub.setup_link)
    await maja.page.locator("button.secondary").click()
    await maja.button("Öppna inkorgen").click()
    await maja.open("/app/devices")
    await expect(maja.button("Lägg till en passkey")).to_be_visible()
    assert await maja.barriers() == []
    await maja.button("Lägg till en passkey").click()
    await maja.sees("Din passkey är klar")
    assert await maja.barriers() == []


async def test_a_passkey_that_stays_on_its_key_is_added_beside_one_that_is_synced_and_counts_where_that_does_not(
    hub: LiveHub, new_phone: MakePhone, agent: AsyncHub
) -> None:
    maja = await new_phone()
    await maja.passkeys_are_synced()
    await maja.set_up(hub.setup_link)
    await maja.security_key()
    await maja.open("/app/devices")
    await maja.button("Add another passkey").click()
    await maja.sees("Your passkey is ready")
    await expect(maja.page.get_by_text(re.compile("Passkey ·"))).to_have_count(2)
    await hub.require(min_assurance="SUBSTANTIAL", passkeys="device_bound")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.prove("Passkey")
    await maja.heading("You approved")


async def test_a_passkey_that_can_be_copied_is_named_and_not_offered_where_it_does_not_count_not_even_beside_a_code(
    hub: LiveHub, new_phone: MakePhone, agent: AsyncHub
) -> None:
    held = await new_phone()
    await held.passkeys_are_synced()
    await held.set_up(hub.setup_link)
    await hub.require(min_assurance="SUBSTANTIAL", passkeys="device_bound")
    question = await ask(agent)
    await held.card(question.escalation_id)
    await held.sees("A passkey counts only if it can never leave its device")
    await held.approve.click()
    await expect(held.sheet).to_contain_text("Not linked to you yet: Passkey")
    await expect(held.sheet.get_by_role("button", name="Passkey")).to_have_count(0)
    assert (await agent.question(question.escalation_id, question.action)).is_open
    # Whoever then has nothing but a code to copy is shown, beside it, the way that takes none.
    await hub.require()
    await link_app(hub, held)
    await hub.require(methods=["passkey", "totp"], passkeys="device_bound")
    question = await ask(agent)
    await held.card(question.escalation_id)
    await held.approve.click()
    await expect(held.sheet.get_by_role("button", name="Authenticator app")).to_be_visible()
    await held.sheet.get_by_role("link", name="Passkey").click()
    await held.heading("Devices and sessions")
