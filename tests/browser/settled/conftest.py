"""People who are set up already: one hub and one browser profile for a file, a page and an agent for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub, live_hub
from tests.browser.pages import another_page
from tests.browser.phone import Phone, phone


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def settled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub, and its owner's phone with a passkey and a device key."""
    async with live_hub(tmp_path_factory.mktemp("hub")) as live, phone(browser, live.url) as held:
        await held.set_up(live.setup_link)
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def hub(settled: tuple[LiveHub, Phone]) -> AsyncIterator[LiveHub]:
    """The hub; what a test has it require ends with the test."""
    live = settled[0]
    yield live
    await live.require()


@pytest_asyncio.fixture(loop_scope="session")
async def maja(settled: tuple[LiveHub, Phone]) -> AsyncIterator[Phone]:
    """A new page of the owner's browser, not opened yet."""
    async for held in another_page(settled[1]):
        yield held


@pytest_asyncio.fixture(loop_scope="session")
async def agent(hub: LiveHub) -> AsyncIterator[AsyncHub]:
    """A new agent of the same name; what it asked ends with the test."""
    async with hub.agent_for_a_while() as made:
        yield made
