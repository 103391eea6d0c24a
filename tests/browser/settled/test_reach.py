"""Two devices, no network, other ends: what people see then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub, ask
from tests.browser.pages import another_page
from tests.browser.phone import Phone, other_device

STOPPED_TIMERS = """(() => {
  for (const name of ['setTimeout', 'setInterval']) {
    const begin = globalThis[name].bind(globalThis)
    globalThis[name] = (done, ...more) => begin((...given) => globalThis.stopped || done(...given), ...more)
  }
})()"""
"""Once the page says `stopped`, none of its timers ends any more, whenever it began."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def computer(browser: Browser, settled: tuple[LiveHub, Phone]) -> AsyncIterator[Phone]:
    """Maja's computer."""
    async with other_device(browser, settled[1]) as held:
        yield held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def desk(computer: Phone) -> AsyncIterator[Phone]:
    """A new page of it."""
    async for held in another_page(computer):
        yield held


async def test_the_card_on_the_other_device_turns_when_the_hub_says_so_and_waits_for_no_timer(
    maja: Phone, agent: AsyncHub, desk: Phone
) -> None:
    # Two seconds are promised. Without a timer it is two requests and a painting, as fast as hub and computer are.
    question = await ask(agent)
    await desk.page.add_init_script(STOPPED_TIMERS)
    await desk.card(question.escalation_id)
    await maja.card(question.escalation_id)
    await desk.page.evaluate("globalThis.stopped = true")
    await maja.confirm()
    await expect(desk.page.locator("h1")).to_have_text("You approved")
    assert await desk.page.locator(".answers").count() == 0


async def test_the_receipt_says_when_it_was_signed_on_another_device(maja: Phone, agent: AsyncHub, desk: Phone) -> None:
    question = await ask(agent)
    await desk.card(question.escalation_id)
    await desk.confirm()
    await desk.heading("You approved")
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("Signed on another of your devices.")


async def test_a_contradicting_answer_of_the_other_device_shows_the_one_that_won(
    maja: Phone, agent: AsyncHub, desk: Phone
) -> None:
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


async def test_an_answer_that_was_under_way_when_the_network_went_keeps_no_button_enabled(
    maja: Phone, agent: AsyncHub
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    late: list[str] = [await maja.page.evaluate("fetch('/v1/inbox').then((answer) => answer.text())")]

    async def as_the_network_goes(route: Route) -> None:
        if "wait=" in route.request.url:
            pass  # a long poll that nobody answers any more
        elif late:
            await route.fulfill(body=late.pop(), content_type="application/json")
        else:
            await route.abort("internetdisconnected")

    await maja.page.route("**/v1/inbox*", as_the_network_goes)
    await maja.context.set_offline(True)
    await maja.sees("No contact with the hub")
    assert late == []
    await expect(maja.approve).to_be_disabled()


async def test_what_changed_while_offline_is_fetched_before_a_button_works(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.context.set_offline(True)
    await maja.sees("No contact with the hub")
    await agent.withdraw(question)
    await maja.context.set_offline(False)
    await maja.heading("Withdrawn")


async def test_the_inbox_counts_what_waits_and_forgets_what_is_answered(maja: Phone, agent: AsyncHub) -> None:
    await maja.open()
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
    await maja.open()
    for number in range(3):
        await ask(agent, {"number": number})
    await expect(maja.page.locator(".cards > li")).to_have_count(3)
    assert await maja.page.locator("main button, main input").count() == 0
