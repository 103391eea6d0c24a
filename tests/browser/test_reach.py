"""Two devices, no network, lost keys, other ends: what people see then."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone


async def other_device(hub: LiveHub, maja: Phone, make: MakePhone) -> Phone:
    """Maja's computer: her passkey is there too, but no key of the browser."""
    held = await make(viewport={"width": 1280, "height": 860}, is_mobile=False, has_touch=False)
    found = await maja.cdp.send("WebAuthn.getCredentials", {"authenticatorId": maja.authenticator})
    await held.bring(found["credentials"])
    await held.open("/app/sign-in")
    await held.sees("Waiting for you")
    return held


async def test_a_lost_browser_that_is_signed_out_and_forgotten_does_not_come_back_by_itself(
    hub: LiveHub, maja: Phone, new_phone: MakePhone
) -> None:
    desk = await other_device(hub, maja, new_phone)
    await maja.offer_nothing()
    await maja.context.clear_cookies()
    await maja.open("/app/")
    await maja.sees("Nothing waits for you")  # by its key, of which this session is
    await desk.open("/app/devices")
    await desk.page.get_by_role("button", name="Sign out there").last.click()  # the newest session
    await desk.sheet.get_by_role("button", name="Sign out and forget that device").click()
    await maja.heading("Sign in")
    await maja.open("/app/")
    await maja.heading("Sign in")
    await desk.open("/app/")
    await desk.sees("Nothing waits for you")


async def test_the_card_on_the_other_device_turns_within_two_seconds(
    hub: LiveHub, maja: Phone, agent: AsyncHub, new_phone: MakePhone
) -> None:
    desk = await other_device(hub, maja, new_phone)
    question = await ask(agent)
    await desk.card(question.escalation_id)
    await maja.card(question.escalation_id)
    await maja.confirm()
    await expect(desk.page.locator("h1")).to_have_text("You approved", timeout=2_000)
    assert await desk.page.locator(".answers").count() == 0


async def test_the_receipt_says_when_it_was_signed_on_another_device(
    hub: LiveHub, maja: Phone, agent: AsyncHub, new_phone: MakePhone
) -> None:
    desk = await other_device(hub, maja, new_phone)
    question = await ask(agent)
    await desk.card(question.escalation_id)
    await desk.confirm()
    await desk.heading("You approved")
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("Signed on another of your devices.")


async def test_a_contradicting_answer_of_the_other_device_shows_the_one_that_won(
    hub: LiveHub, maja: Phone, agent: AsyncHub, new_phone: MakePhone
) -> None:
    desk = await other_device(hub, maja, new_phone)
    question = await ask(agent)
    stale: list[str] = []
    sent = asyncio.Event()

    async def as_before(route: Route) -> None:
        """What the desk knew, until it has answered: it may hear of the other answer at any moment."""
        if not stale:
            stale.append(await (await route.fetch()).text())
        if sent.is_set():
            await route.continue_()
        else:
            await route.fulfill(body=stale[0], content_type="application/json")

    desk.page.on("request", lambda asked: sent.set() if asked.url.endswith("/decisions") else None)
    await desk.page.route("**/presentation", as_before)
    await desk.card(question.escalation_id)
    await desk.approve.click()
    await maja.card(question.escalation_id)
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")
    await desk.sheet.locator(".approve").click()
    await desk.heading("You denied")


async def test_a_withdrawn_question_says_by_whom(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await agent.withdraw(question)
    await maja.heading("Withdrawn")
    await maja.sees("By Ops agent")
    assert await maja.page.locator(".answers").count() == 0


async def test_a_replaced_question_says_so(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    revised = await agent.revise(question, {"database": "staging"})
    await maja.heading("Replaced by a newer version")
    await maja.card(revised.escalation_id)
    await maja.sees("Version 2")


async def test_without_a_network_the_banner_shows_and_nothing_can_be_answered(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.context.set_offline(True)
    await maja.sees("No contact with the hub")
    await expect(maja.approve).to_be_disabled()
    await expect(maja.deny).to_be_disabled()
    await maja.context.set_offline(False)
    await expect(maja.approve).to_be_enabled()
    await expect(maja.page.locator(".banner.offline")).to_be_hidden()


async def test_what_changed_while_offline_is_fetched_before_a_button_works(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.context.set_offline(True)
    await maja.sees("No contact with the hub")
    await agent.withdraw(question)
    await maja.context.set_offline(False)
    await maja.heading("Withdrawn")


async def test_a_browser_that_lost_its_key_must_be_linked_again_and_the_old_key_ends(maja: Phone) -> None:
    await maja.open("/app/devices")
    before = await maja.page.locator(".rows li", has_text="Key in a browser").locator("code").inner_text()
    await maja.leave()
    await maja.context.clear_cookies()
    await maja.open("/app/")
    await maja.sees("Nothing waits for you")
    await maja.lose_storage()
    await maja.open("/app/")
    await maja.sees("This device must be linked again")
    await maja.button("Link this device").click()
    await maja.sees("This device is linked.")
    await maja.open("/app/devices")
    rows = maja.page.locator(".rows li", has_text="Key in a browser")
    await expect(rows).to_have_count(1)
    assert await rows.locator("code").inner_text() != before


async def test_without_a_key_store_every_answer_takes_the_passkey(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.context.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('no', 'DataCloneError') };"
        "indexedDB.open = () => { throw new DOMException('no', 'SecurityError') }"
    )
    await phone.set_up(hub.setup_link, also_key=False)
    agent = await hub.agent()
    question = await ask(agent)
    await phone.card(question.escalation_id)
    await phone.sees("Your passkey signs the answer.")
    await phone.confirm()
    await phone.heading("You approved")
    await agent.wait(question, within=10)


async def test_the_inbox_counts_what_waits_and_forgets_what_is_answered(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await expect(maja.page.locator("nav .count")).to_have_text("1")
    await agent.withdraw(question)
    await expect(maja.page.locator("nav .count")).to_be_hidden()
    await maja.sees("Nothing waits for you")


async def test_the_icon_of_the_installed_page_carries_the_number_of_what_waits(maja: Phone, agent: AsyncHub) -> None:
    # A browser without a window has no icon: what it would be told is put where it can be read.
    await maja.page.add_init_script("""
      navigator.setAppBadge = async (number) => void (document.documentElement.dataset.badge = number)
      navigator.clearAppBadge = async () => void (document.documentElement.dataset.badge = 'none')
    """)
    await maja.open("/app/")
    page = maja.page.locator("html")
    await expect(page).to_have_attribute("data-badge", "none")
    question = await ask(agent)
    await expect(page).to_have_attribute("data-badge", "1")
    await agent.withdraw(question)
    await expect(page).to_have_attribute("data-badge", "none")


async def test_there_is_no_way_to_answer_many_questions_at_once(maja: Phone, agent: AsyncHub) -> None:
    for number in range(3):
        await ask(agent, {"number": number})
    await expect(maja.page.locator(".cards > li")).to_have_count(3)
    assert await maja.page.locator("main button, main input").count() == 0
