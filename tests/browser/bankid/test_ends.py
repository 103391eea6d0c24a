"""What else may come of it: refusals, no contact, other devices, other languages, and no barrier on the way."""

from __future__ import annotations

from base64 import b64decode

import pytest
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.bankid.scene import open_order, signs_elsewhere
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import anna, bo


async def test_somebody_elses_bankid_approves_nothing_and_the_page_says_why(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    bankid.approve(bankid.scan(await maja.scanned(), bo()))
    await maja.sees("Somebody else proved who they are. Use your own.")
    await maja.button("Try again").click()
    await expect(maja.page.locator(".qr")).to_be_visible()


async def test_what_the_person_cancels_in_the_app_is_cancelled_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    bankid.decline(bankid.scan(await maja.scanned(), anna()))
    await maja.sees("It was cancelled.")


async def test_bankid_being_down_is_said_and_nothing_is_lost(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    async with bankid.down():
        await maja.prove("BankID")
        await maja.sees("The provider cannot be reached now.")
    await maja.button("Try again").click()
    await expect(maja.sheet.get_by_role("link", name="Open BankID")).to_be_visible()


async def test_a_code_that_stands_still_is_not_shown_without_contact(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    await maja.context.set_offline(True)
    await expect(maja.page.locator(".qr")).to_be_hidden()
    await maja.sees("Nothing is lost: it goes on when the contact is back.")
    await maja.context.set_offline(False)
    await signs_elsewhere(maja, bankid)
    await maja.heading("You approved")


async def test_the_order_can_move_from_another_device_to_this_one(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    scanned = bankid.newest
    await maja.button("Open on this device instead").click()
    await expect(maja.sheet.get_by_role("link", name="Open BankID")).to_be_visible()
    assert bankid.newest is not scanned
    assert scanned.status == "failed"


@pytest.mark.needs("axe")
async def test_the_ways_that_are_enough_are_offered_easiest_first_and_no_step_of_bankids_has_a_barrier(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await hub.require(min_assurance="SUBSTANTIAL", methods=["totp", "bankid", "passkey"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.click()
    await expect(maja.sheet.locator("button .way-name")).to_have_text(["Passkey", "BankID"])
    # A code reaches that level with a device's key no more than the key alone: it is not offered, linked or not.
    await expect(maja.sheet).not_to_contain_text("Authenticator app")
    await hub.require(methods=["totp", "bankid", "passkey"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.click()
    await expect(maja.sheet.locator("button .way-name")).to_have_text(["Passkey", "BankID"])
    await expect(maja.sheet).to_contain_text("Not linked to you yet: Authenticator app")
    await expect(maja.sheet.get_by_role("button", name="BankID")).not_to_have_attribute("aria-disabled", "true")
    assert await maja.barriers_by_day_and_night() == []
    await maja.take("BankID")
    await expect(maja.sheet.get_by_role("link", name="Open BankID")).to_be_visible()
    assert await maja.barriers_by_day_and_night() == []
    await maja.button("Use another device instead").click()
    await expect(maja.page.locator(".qr")).to_be_visible()
    assert await maja.barriers_by_day_and_night() == []
    assert await maja.overflow() <= 0
    bankid.decline(bankid.scan(await maja.scanned(), anna()))
    await maja.sees("It was cancelled.")
    assert await maja.barriers_by_day_and_night() == []


async def test_a_swedish_page_speaks_swedish_with_bankids_own_words(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID, new_phone: MakePhone
) -> None:
    desk = await new_phone(locale="sv-SE", viewport={"width": 1280, "height": 860}, is_mobile=False, has_touch=False)
    found = await maja.cdp.send("WebAuthn.getCredentials", {"authenticatorId": maja.authenticator})
    await desk.bring(found["credentials"])
    await desk.open("/app/sign-in")
    await desk.sees("Väntar på dig")
    question = await ask(agent)
    await desk.card(question.escalation_id)
    await desk.prove("BankID")
    await desk.sees("Starta BankID-appen.")
    await desk.sees("Öppna på den här enheten i stället")
    order = bankid.scan(await desk.scanned(), anna())
    assert "Godkänn" in b64decode(order.asked["userVisibleData"]).decode()
    bankid.approve(order)
    await desk.sees("Du har visat vem du är.")
