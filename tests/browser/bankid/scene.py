"""What happens between a page and BankID, as steps that tests share."""

from __future__ import annotations

import asyncio
from typing import Literal

from playwright.async_api import expect

from approvals_hub.db.database import Tx
from approvals_hub.stepup.step_up import LEASE
from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_orders import Order
from tests.fakes.bankid_scene import anna

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)


async def link(phone: Phone, bankid: FakeBankID) -> None:
    """Anna links her BankID, with another device."""
    await phone.open("/app/devices")
    await phone.button("Link: BankID").click()
    await phone.button("Confirm and begin").click()
    await phone.button("Use another device instead").click()
    await signs_elsewhere(phone, bankid)
    await phone.sees("BankID is linked.")


async def signs_elsewhere(phone: Phone, bankid: FakeBankID) -> None:
    """Anna scans the code with another device, and signs."""
    bankid.approve(bankid.scan(await phone.scanned(), anna()))


async def open_order(phone: Phone, agent: AsyncHub, *, here: bool) -> str:
    """A question whose order waits to be opened, on this device or on another; the question's id."""
    question = await ask(agent)
    await phone.card(question.escalation_id)
    await phone.prove("BankID")
    if not here:
        await phone.button("Use another device instead").click()
        await expect(phone.page.locator(".qr")).to_be_visible()
    return question.escalation_id


async def opened_here(phone: Phone, bankid: FakeBankID) -> Order:
    """Anna follows the link on the phone."""
    link = await phone.sheet.get_by_role("link", name="Open BankID").get_attribute("href")
    assert link is not None
    return bankid.follow(link, anna())


async def signs_here(phone: Phone, bankid: FakeBankID) -> str:
    """Anna follows the link on the phone, whose page stays behind, and signs; the way back to the page."""
    order = await opened_here(phone, bankid)
    await phone.sheet.get_by_role("link", name="Open BankID").evaluate(
        "link => { link.addEventListener('click', (event) => event.preventDefault()); link.click() }"
    )
    back = bankid.approve(order)
    assert back is not None
    await phone.sees("Signed. BankID takes you back to this page")
    return back


Asked = Literal["step_ups", "sign_ins"]
"""What the hub itself asks BankID about, by the table."""


async def until_leased(hub: LiveHub, asked: Asked) -> None:
    """The hub itself asks about all there are; what it asks at this moment is over first."""

    async def work(tx: Tx) -> int:
        now = hub.hub.clock.now()
        asks = f"SELECT 1 FROM {asked} WHERE collect_at > :soon"
        leased = f"UPDATE {asked} SET collect_at = :at WHERE collect_at IS NOT NULL AND NOT EXISTS ({asks})"
        return await tx.execute(leased, at=now + LEASE, soon=now + LEASE // 2)

    async with asyncio.timeout(20):
        while not await hub.hub.db.run(work):
            await asyncio.sleep(0.02)


async def lease_is_over(hub: LiveHub, asked: Asked) -> None:
    """The hub asks again when it is due, which is now."""

    async def work(tx: Tx) -> None:
        over = f"UPDATE {asked} SET collect_at = :at WHERE collect_at IS NOT NULL"
        await tx.execute(over, at=hub.hub.clock.now())

    await hub.hub.db.run(work)
