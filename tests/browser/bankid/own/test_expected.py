"""A BankID that the organisation named beforehand: the person sees who said so, and links that very one or declines."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.bankid.scene import code_text, signs_elsewhere
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import anna, bo

ROW = ".factors .rows li"


@pytest_asyncio.fixture(loop_scope="session")
async def unlinked(hub: LiveHub, new_phone: MakePhone) -> Phone:
    """The owner's phone on the screen Devices; the operator has said that Anna's number is theirs."""
    phone = await new_phone()
    await phone.set_up(hub.setup_link)
    me = await phone.page.evaluate("fetch('/v1/session').then((answer) => answer.json())")
    number = anna().personal_number
    await hub.hub.expect_factor(hub.operator, hub.org_id, me["person"]["person_id"], "bankid", number)
    await phone.open("/app/devices")
    await phone.sees("The operator of this hub says whose BankID is yours.")
    return phone


async def begin(phone: Phone) -> None:
    await phone.button("Link: BankID").click()
    await phone.button("Confirm and begin").click()
    await expect(phone.page.locator(".qr")).to_be_visible()


async def test_the_named_bankid_is_linked_and_no_longer_waits(unlinked: Phone, bankid: FakeBankID) -> None:
    await begin(unlinked)
    await signs_elsewhere(unlinked, bankid)
    await unlinked.sees("BankID is linked.")
    await expect(unlinked.page.locator(ROW)).to_have_count(1)
    await expect(unlinked.page.locator(ROW)).not_to_contain_text("waits for you")


async def test_another_bankid_than_the_named_one_is_refused_and_the_row_stays(
    unlinked: Phone, bankid: FakeBankID
) -> None:
    await begin(unlinked)
    bankid.approve(bankid.scan(await code_text(unlinked), bo()))
    await unlinked.sees("Somebody else")
    await expect(unlinked.page.locator(ROW)).to_contain_text("waits for you")


async def test_what_is_not_mine_is_declined_with_my_key(unlinked: Phone) -> None:
    await unlinked.button("Not mine BankID").click()
    await unlinked.sheet.get_by_role("button", name="Not mine").click()
    await unlinked.sees("You declined it.")
    await expect(unlinked.page.locator(ROW)).to_have_count(0)
