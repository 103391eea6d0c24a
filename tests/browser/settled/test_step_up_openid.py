"""Leaving for an identity provider's page and coming back, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub, ask, live_hub
from tests.browser.phone import Phone, phone
from tests.fakes.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.fakes.openid_scene import ANNA, BO
from tests.flows.world import TestClock


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def provider() -> AsyncIterator[OpenIdProvider]:
    """A provider of identities."""
    time = TestClock()
    found = OpenIdProvider(lambda: time.clock().now())
    await found.open()
    yield found
    await found.close()


@pytest.fixture
def openid(provider: OpenIdProvider) -> OpenIdProvider:
    """The same, where Anna is signed in."""
    provider.signed_in, provider.knobs = ANNA, type(provider.knobs)()
    return provider


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settled(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider
) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub that sends people there, and the owner's phone, with Anna's account linked."""
    table = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
    provider.signed_in = ANNA
    async with (
        live_hub(tmp_path_factory.mktemp("hub"), {"oidc": table}) as live,
        phone(browser, live.url) as held,
    ):
        await held.set_up(live.setup_link)
        await held.open("/app/devices")
        await held.button("Link: Account at your organisation").click()
        await held.button("Confirm and begin").click()
        await held.sees("Account at your organisation is linked.")
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def required(hub: LiveHub) -> None:
    """Questions ask for the account."""
    await hub.require(methods=["oidc"])


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
    await agent.wait(question, within=20)


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
