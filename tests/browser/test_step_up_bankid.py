"""BankID on the page: the order that runs, on this device and on another, with a fake that speaks the real protocol."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_orders import Order
from tests.fakes.bankid_scene import anna, authorities, bo
from tests.flows.world import TestClock

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)


@pytest_asyncio.fixture(loop_scope="session")
async def time() -> TestClock:
    """The time of the hub and of BankID."""
    return TestClock()


@pytest_asyncio.fixture(loop_scope="session")
async def bankid(tmp_path: Path, time: TestClock) -> AsyncIterator[FakeBankID]:
    """BankID, where Anna and Bo are people."""
    fake = FakeBankID(authorities(), tmp_path, lambda: time.clock().now())
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, bankid: FakeBankID, time: TestClock) -> AsyncIterator[LiveHub]:
    """A hub that asks this BankID."""
    async with live_hub(tmp_path, {"bankid": {"url": bankid.url, **bankid.settings_files}}, time) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def maja(hub: LiveHub, bankid: FakeBankID, new_phone: MakePhone) -> Phone:
    """The owner's phone, with Anna's BankID linked; questions ask for it."""
    held = await new_phone(user_agent=ANDROID)
    await held.set_up(hub.setup_link)
    await held.open("/app/devices")
    await held.button("Link: BankID").click()
    await held.button("Confirm and begin").click()
    await held.button("Use another device instead").click()
    await signs_elsewhere(held, bankid)
    await held.sees("BankID is linked.")
    await hub.require(methods=["bankid"])
    return held


async def code_text(phone: Phone) -> str:
    """What the page is told to draw at this moment."""
    told = await phone.page.evaluate(
        "async () => { const name = Object.keys(localStorage).find((key) => key.startsWith('approvals-hub.step-up.'));"
        " const {stepUpId} = JSON.parse(localStorage.getItem(name));"
        " return (await fetch('/v1/step-ups/' + stepUpId)).json() }"
    )
    return str(told["shown"]["qr"])


async def signs_elsewhere(phone: Phone, bankid: FakeBankID) -> None:
    """Anna scans the code with another device, and signs."""
    await expect(phone.page.locator(".qr")).to_be_visible()
    bankid.approve(bankid.scan(await code_text(phone), anna()))


async def open_order(phone: Phone, hub: LiveHub, agent: AsyncHub, *, here: bool) -> str:
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


async def test_a_code_scanned_by_another_device_is_signed_there_and_approves_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    order = bankid.scan(await code_text(maja), anna())
    await maja.sees("Enter your security code in the BankID app and select Sign.")
    await expect(maja.page.locator(".qr")).to_be_hidden()
    bankid.approve(order)
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("the key of a device + BankID")
    await expect(maja.page.locator(".receipt")).to_contain_text("Substantial")


async def test_the_picture_is_another_one_each_second(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await open_order(maja, hub, agent, here=False)
    ink = maja.page.locator(".qr-ink")
    seen: list[str | None] = []
    for _ in range(3):
        seen.append(await ink.get_attribute("d"))
        await expect(ink).not_to_have_attribute("d", seen[-1] or "", timeout=3_000)
    assert len(set(seen)) == 3


async def test_the_app_on_the_same_phone_comes_back_in_a_new_tab_and_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    question = await open_order(maja, hub, agent, here=True)
    order = await opened_here(maja, bankid)
    await maja.sheet.get_by_role("link", name="Open BankID").evaluate(
        "link => { link.addEventListener('click', (event) => event.preventDefault()); link.click() }"
    )
    back = bankid.approve(order)
    assert back is not None
    await maja.sees("Signed. BankID takes you back to this page")
    tab = await maja.context.new_page()
    await tab.goto(back)
    await expect(tab.locator("h1")).to_have_text("You approved")
    assert urlsplit(tab.url).path == f"/app/escalations/{question}"
    assert urlsplit(tab.url).fragment == ""
    await maja.heading("You approved")


async def test_a_signature_without_the_way_back_to_this_browser_approves_nothing(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    question = await open_order(maja, hub, agent, here=True)
    bankid.approve(await opened_here(maja, bankid))
    await maja.sees("Signed. BankID takes you back to this page")
    decided = await maja.page.evaluate("fetch('/v1/decisions').then((answer) => answer.json())")
    assert [one for one in decided["items"] if one["escalation_id"] == question] == []


async def test_an_order_that_nobody_opened_is_renewed_by_itself(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID, time: TestClock
) -> None:
    await open_order(maja, hub, agent, here=False)
    first = bankid.newest
    time.pass_seconds(31)
    await maja.sees("The code was renewed.")
    assert bankid.newest is not first
    await signs_elsewhere(maja, bankid)
    await maja.heading("You approved")


async def test_loading_the_page_again_keeps_the_order_that_is_being_signed(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    order = bankid.scan(await code_text(maja), anna())
    before = len(bankid.orders.all)
    await maja.page.reload()
    await maja.sees("Enter your security code")
    assert len(bankid.orders.all) == before
    assert order.status == "pending"
    bankid.approve(order)
    await maja.heading("You approved")


async def test_stopping_ends_the_order_at_bankid(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    async with maja.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await maja.button("Stop").click()
    assert [path for path, _ in bankid.calls][-1] == "cancel"
    await expect(maja.approve).to_be_enabled()


async def test_somebody_elses_bankid_approves_nothing_and_the_page_says_why(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    bankid.approve(bankid.scan(await code_text(maja), bo()))
    await maja.sees("Somebody else proved who they are. Use your own.")
    await maja.button("Try again").click()
    await expect(maja.page.locator(".qr")).to_be_visible()


async def test_what_the_person_cancels_in_the_app_is_cancelled_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    bankid.decline(bankid.scan(await code_text(maja), anna()))
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
    await open_order(maja, hub, agent, here=False)
    await maja.context.set_offline(True)
    await expect(maja.page.locator(".qr")).to_be_hidden()
    await maja.sees("Nothing is lost: it goes on when the contact is back.")
    await maja.context.set_offline(False)
    await signs_elsewhere(maja, bankid)
    await maja.heading("You approved")


async def test_the_order_can_move_from_another_device_to_this_one(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, hub, agent, here=False)
    scanned = bankid.newest
    await maja.button("Open on this device instead").click()
    await expect(maja.sheet.get_by_role("link", name="Open BankID")).to_be_visible()
    assert bankid.newest is not scanned
    assert scanned.status == "failed"


async def test_a_passkey_alone_signs_what_bankid_has_proven_after_one_more_touch(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await maja.lose_storage()
    await open_order(maja, hub, agent, here=False)
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


@pytest.mark.needs("axe")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_step_of_it_has_a_barrier(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID, scheme: str
) -> None:
    await maja.page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    await hub.require(methods=["bankid", "passkey", "totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.click()
    await expect(maja.sheet.get_by_role("button", name="BankID")).not_to_have_attribute("aria-disabled", "true")
    assert await maja.barriers() == []
    await maja.take("BankID")
    await expect(maja.sheet.get_by_role("link", name="Open BankID")).to_be_visible()
    assert await maja.barriers() == []
    await maja.button("Use another device instead").click()
    await expect(maja.page.locator(".qr")).to_be_visible()
    assert await maja.barriers() == []
    assert await maja.overflow() <= 0
    bankid.decline(bankid.scan(await code_text(maja), anna()))
    await maja.sees("It was cancelled.")
    assert await maja.barriers() == []


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
    order = bankid.scan(await code_text(desk), anna())
    assert "Godkänn" in b64decode(order.asked["userVisibleData"]).decode()
    bankid.approve(order)
    await desk.sees("Du har visat vem du är.")
