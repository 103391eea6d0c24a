"""A BankID that the organisation named beforehand: the person sees who said so, and links that very one or declines."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.bankid.scene import signs_elsewhere
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import anna, bo

ROW = ".factors .rows li"


async def begin(phone: Phone) -> None:
    await phone.button("Link: BankID").click()
    await phone.button("Confirm and begin").click()
    await expect(phone.page.locator(".qr")).to_be_visible()


async def expect_annas(hub: LiveHub, phone: Phone) -> None:
    """The operator says that Anna's number is the owner's, who is at Devices then."""
    me = await phone.page.evaluate("fetch('/v1/session').then((answer) => answer.json())")
    number = anna().personal_number
    await hub.hub.expect_factor(hub.operator, hub.org_id, me["person"]["person_id"], "bankid", number)
    await phone.open("/app/devices")
    await phone.sees("The operator of this hub says whose BankID is yours.")


async def test_a_named_bankid_that_is_not_mine_is_declined_with_my_key_and_no_other_than_the_named_one_is_linked(
    hub: LiveHub, new_phone: MakePhone, bankid: FakeBankID
) -> None:
    phone = await new_phone()
    await phone.set_up(hub.setup_link)
    await expect_annas(hub, phone)
    await phone.button("Not mine BankID").click()
    await phone.sheet.get_by_role("button", name="Not mine").click()
    await phone.sees("You declined it.")
    await expect(phone.page.locator(ROW)).to_have_count(0)
    # Somebody else's: refused, and the row stays.
    await expect_annas(hub, phone)
    await begin(phone)
    bankid.approve(bankid.scan(await phone.scanned(), bo()))
    await phone.sees("Somebody else")
    await expect(phone.page.locator(ROW)).to_contain_text("waits for you")
    # The named one is linked, and no longer waits.
    await phone.open("/app/devices")
    await begin(phone)
    await signs_elsewhere(phone, bankid)
    await phone.sees("BankID is linked.")
    await expect(phone.page.locator(ROW)).to_have_count(1)
    await expect(phone.page.locator(ROW)).not_to_contain_text("waits for you")
