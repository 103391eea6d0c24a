"""Policies on the page: beside what was decided, and where a slow network would let one text stand for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import Error, Route, expect

from approvals_hub_client import AsyncHub, PeopleAsked
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone

ASKS = "version: 1\ndefault: require_approval\nrules: []\n"
DENIES = "version: 1\ndefault: deny\nrules: []\n"
ALLOWS = "version: 1\ndefault: allow\nrules: []\n"


@pytest_asyncio.fixture(loop_scope="session")
async def payments(hub: LiveHub) -> AsyncIterator[None]:
    """A policy in force by this name, for the test."""
    await hub.hub.policies.keep.publish(hub.operator, "payments", ASKS)
    yield
    await hub.hub.policies.keep.remove(hub.operator, "payments", version=1)


async def test_an_answer_about_a_text_of_before_never_stands_for_the_one_that_is_published(
    payments: None, maja: Phone
) -> None:
    await maja.open("/app/policies/payments")
    text = maja.page.get_by_label("The policy, in YAML")
    status = maja.page.locator("#policy-status")
    await expect(status).to_contain_text("Nothing is wrong.")
    asked, late, last = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(route: Route) -> None:
        if "# a comment" in (route.request.post_data or ""):
            answer = await route.fetch()
            asked.set()
            await late.wait()
            with suppress(Error):  # the page has given it up
                await route.fulfill(response=answer)
        else:
            await last.wait()
            await route.continue_()

    await maja.page.route("**/lint", slow)
    await text.fill(ASKS + "# a comment\n")
    async with asyncio.timeout(20):
        await asked.wait()
    async with maja.page.expect_request("**/lint"):
        await text.fill(ALLOWS)
        late.set()
    await expect(maja.button("Publish")).to_be_disabled()
    last.set()
    await maja.button("Publish").click()
    await expect(maja.sheet).to_contain_text("What no rule names: allowed, and nobody is asked.")
    await maja.sheet.get_by_role("button", name="Back").click()
    await maja.page.unroute("**/lint")


async def test_the_decisions_of_a_month_are_decided_once_more_by_the_text_in_the_editor(
    payments: None, maja: Phone, agent: AsyncHub
) -> None:
    with pytest.raises(PeopleAsked):
        await agent.authorize("finance.loan", {"amount_minor": 5})
    await maja.open("/app/policies/payments")
    await maja.page.get_by_label("The policy, in YAML").fill(DENIES)
    await expect(maja.page.locator("#policy-status")).to_contain_text("Nothing is wrong.")
    await maja.button("Compare with the last 30 days").click()
    await maja.sees("finance.loan")
    await maja.sees("→ Refused")
