"""What becomes of a linked BankID when the browser loses its key, and when it is removed."""

from __future__ import annotations

from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.bankid.scene import open_order, signs_elsewhere
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID


async def test_a_passkey_alone_signs_what_bankid_has_proven_after_one_more_touch(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await maja.lose_storage()
    await open_order(maja, agent, here=False)
    await signs_elsewhere(maja, bankid)
    await maja.sees("You have proven who you are.")
    await maja.button("Approve with the passkey").click()
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("a passkey + BankID")


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
