"""BankID's order on the page: on this device and on another, with a fake that speaks the real protocol."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from playwright.async_api import Response, Route, expect

from approvals_hub.db.database import Tx
from approvals_hub_client import AsyncHub
from tests.browser.bankid.scene import (
    lease_is_over,
    open_order,
    opened_here,
    signs_elsewhere,
    signs_here,
    until_leased,
)
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import anna
from tests.flows.world import TestClock


async def test_a_code_scanned_by_another_device_is_signed_there_and_approves_here(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    order = bankid.scan(await maja.scanned(), anna())
    await maja.sees("Enter your security code in the BankID app and select Sign.")
    await expect(maja.page.locator(".qr")).to_be_hidden()
    bankid.approve(order)
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("the key of a device + BankID")
    await expect(maja.page.locator(".receipt")).to_contain_text("Substantial")


async def test_the_picture_is_another_one_each_second(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await open_order(maja, agent, here=False)
    ink = maja.page.locator(".qr-ink")
    seen: list[str | None] = []
    for _ in range(3):
        seen.append(await ink.get_attribute("d"))
        await expect(ink).not_to_have_attribute("d", seen[-1] or "")
    assert len(set(seen)) == 3


async def test_the_app_on_the_same_phone_comes_back_in_a_new_tab_and_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    question = await open_order(maja, agent, here=True)
    back = await signs_here(maja, bankid)
    tab = await maja.context.new_page()
    await tab.goto(back)
    await expect(tab.locator("h1")).to_have_text("You approved")
    assert urlsplit(tab.url).path == f"/app/escalations/{question}"
    assert urlsplit(tab.url).fragment == ""
    await maja.heading("You approved")


async def test_a_tab_that_comes_back_while_the_old_one_approves_does_not_keep_an_open_card(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=True)
    back = await signs_here(maja, bankid)
    tab, asked = await maja.context.new_page(), asyncio.Event()

    async def after_it_asked(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    async def after_it_heard(route: Route) -> None:
        answer = await route.fetch()
        async with tab.expect_response(is_empty_inbox):
            asked.set()
            await maja.heading("You approved")
        await route.fulfill(response=answer)

    # The old tab approves between the question of the new one and its answer, and the new one's inbox is empty by then.
    await maja.page.route("**/decisions", after_it_asked)
    await tab.route("**/views", after_it_heard)
    await tab.goto(back)
    await expect(tab.locator("h1")).to_have_text("You approved")


async def test_a_way_back_that_comes_while_the_hub_asks_bankid_is_handed_in_again_and_approves(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=True)
    back = await signs_here(maja, bankid)
    answers: list[int] = []

    async def while_it_asks(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        if answers:
            await lease_is_over(hub, "step_ups")
        else:
            await until_leased(hub, "step_ups")
        answer = await route.fetch()
        answers.append(answer.status)
        await route.fulfill(response=answer)

    tab = await maja.context.new_page()
    await tab.route("**/v1/step-ups/*", while_it_asks)
    await tab.goto(back)
    await expect(tab.locator("h1")).to_have_text("You approved")
    assert answers == [503, 200]


async def is_empty_inbox(answer: Response) -> bool:
    """The question is gone from it."""
    return urlsplit(answer.url).path == "/v1/inbox" and (await answer.json())["items"] == []


async def test_a_signature_without_the_way_back_to_this_browser_approves_nothing(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    question = await open_order(maja, agent, here=True)
    bankid.approve(await opened_here(maja, bankid))
    await maja.sees("Signed. BankID takes you back to this page")
    decided = await maja.page.evaluate("fetch('/v1/decisions').then((answer) => answer.json())")
    assert [one for one in decided["items"] if one["escalation_id"] == question] == []


async def test_an_order_that_nobody_opened_is_renewed_by_itself(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID, time: TestClock
) -> None:
    await open_order(maja, agent, here=False)
    first = bankid.newest
    time.pass_seconds(31)
    await maja.sees("The code was renewed.")
    assert bankid.newest is not first
    await signs_elsewhere(maja, bankid)
    await maja.heading("You approved")


async def test_loading_the_page_again_keeps_the_order_that_is_being_signed(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    await open_order(maja, agent, here=False)
    order = bankid.scan(await maja.scanned(), anna())
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
    await open_order(maja, agent, here=False)
    before = [path for path, _ in bankid.calls].count("cancel")
    async with maja.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        await maja.button("Stop").click()
    # A collect that was on its way may come after it.
    assert [path for path, _ in bankid.calls].count("cancel") == before + 1
    await expect(maja.approve).to_be_enabled()


async def test_an_order_that_another_tab_begins_at_this_moment_is_asked_for_again_and_shown(
    hub: LiveHub, maja: Phone, agent: AsyncHub, bankid: FakeBankID
) -> None:
    answers: list[int] = []

    async def while_another_begins(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        if not answers:
            await route.fetch()  # the other tab's
            await _state(hub, "beginning")
        answer = await route.fetch()
        answers.append(answer.status)
        await _state(hub, "running")
        await route.fulfill(response=answer)

    await maja.page.route("**/v1/escalations/*/step-ups", while_another_begins)
    await open_order(maja, agent, here=False)
    assert answers[:2] == [503, 201]
    bankid.approve(bankid.scan(await maja.scanned(), anna()))
    await maja.heading("You approved")


async def _state(hub: LiveHub, state: str) -> None:
    """Every order that is not over is in this state."""

    async def work(tx: Tx) -> None:
        await tx.execute(
            "UPDATE step_ups SET state = :state WHERE state IN ('beginning', 'running') AND purpose = 'decision'",
            state=state,
        )

    await hub.hub.db.run(work)
