"""Leaving for an identity provider's page and coming back, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.phone import Phone
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.fakes.openid_scene import ANNA, BO
from tests.flows.world import TestClock


@pytest_asyncio.fixture(loop_scope="session")
async def openid() -> AsyncIterator[OpenIdProvider]:
    """A provider where Anna is signed in."""
    time = TestClock()
    provider = OpenIdProvider(lambda: time.clock().now())
    provider.signed_in = ANNA
    await provider.open()
    yield provider
    await provider.close()


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, openid: OpenIdProvider) -> AsyncIterator[LiveHub]:
    """A hub that sends people there."""
    table = {"issuer": openid.issuer, "client_id": CLIENT, "client_secret": SECRET}
    async with live_hub(tmp_path, {"oidc": table}) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def maja(hub: LiveHub, new_phone: MakePhone) -> Phone:
    """The owner's phone, with Anna's account linked; questions ask for it."""
    held = await new_phone()
    await held.set_up(hub.setup_link)
    await held.open("/app/devices")
    await held.button("Link: Account at your organisation").click()
    await held.button("Confirm and begin").click()
    await held.sees("Account at your organisation is linked.")
    await hub.require(methods=["oidc"])
    return held


async def test_the_person_signs_in_elsewhere_and_comes_back_to_the_signed_approval(
    maja: Phone, agent: AsyncHub, openid: OpenIdProvider
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    before = len(openid.sent_here)
    await maja.prove("Account at your organisation")
    await maja.heading("You approved")
    assert len(openid.sent_here) == before + 1
    await expect(maja.page.locator(".receipt")).to_contain_text("an account at your organisation")
    assert "code=" not in maja.page.url
    await agent.wait(question, within=10)


async def test_somebody_elses_account_approves_nothing_and_the_page_says_why(
    maja: Phone, agent: AsyncHub, openid: OpenIdProvider
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    openid.signed_in = BO
    await maja.prove("Account at your organisation")
    await maja.sees("Somebody else proved who they are. Use your own.")
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_who_says_no_there_comes_back_to_a_question_that_is_still_open(
    maja: Phone, agent: AsyncHub, openid: OpenIdProvider
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    openid.knobs.error = "access_denied"
    await maja.prove("Account at your organisation")
    await maja.sees("It was cancelled.")
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_way_back_with_another_state_answers_no_step_up(
    maja: Phone, agent: AsyncHub, openid: OpenIdProvider
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    openid.knobs.returns = {"state": "an-attackers-state"}
    await maja.prove("Account at your organisation")
    await maja.heading("Nothing to go on with here")
    assert openid.redeemed[-1]["code"] not in openid.codes
    assert (await agent.question(question.escalation_id, question.action)).is_open
