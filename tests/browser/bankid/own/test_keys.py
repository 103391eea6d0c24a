"""What becomes of a linked BankID when the browser loses its key, and when it is removed."""

from __future__ import annotations

from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.bankid.scene import lease_is_over, open_order, signs_elsewhere, until_leased
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import anna


async def test_a_phone_that_lost_its_key_signs_by_passkey_what_bankid_has_proven_and_signs_in_by_bankid(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await maja.lose_storage()
    await open_order(maja, agent, here=False)
    await signs_elsewhere(maja, bankid)
    await maja.sees("You have proven who you are.")
    await maja.button("Approve with the passkey").click()
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("a passkey + BankID")
    # It signs out, and has lost the passkey too: BankID on the same phone lets the person in.
    await maja.fresh_authenticator()
    await maja.context.clear_cookies()
    await maja.open("/app/sign-in")
    await maja.button("Sign in with BankID").click()
    start = maja.page.get_by_role("link", name="Open BankID")
    await expect(start).to_be_visible()
    await expect(maja.page.locator(".qr")).to_be_hidden()
    assert (maja.page.viewport_size, await maja.overflow()) == ({"width": 390, "height": 844}, 0)
    address = await start.get_attribute("href")
    assert address is not None
    back = bankid.approve(bankid.follow(address, anna()))
    assert back is not None
    # It comes back while the hub itself asks BankID, which tells the end of an order once, and is handed in again.
    await until_leased(hub, "sign_ins")
    async with maja.page.expect_response(lambda answer: answer.status == 503):
        await maja.page.goto(back)
    await lease_is_over(hub, "sign_ins")
    await maja.sees("Nothing waits for you")
    assert maja.page.url == f"{maja.url}/app/"


async def test_removing_bankid_takes_a_fresh_factor_and_ends_it(hub: LiveHub, maja: Phone, bankid: FakeBankID) -> None:
    await maja.open("/app/devices")
    await maja.user_verifies(False)
    await maja.button("Remove BankID").click()
    await maja.sheet.get_by_role("button", name="Remove").click()
    await maja.sees("That was stopped. Nothing was changed.")
    await maja.user_verifies(True)
    await maja.button("Remove BankID").click()
    await maja.sheet.get_by_role("button", name="Remove").click()
    await maja.sees("BankID was removed.")
    await expect(maja.button("Link: BankID")).to_be_visible()
