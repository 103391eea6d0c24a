"""Fixtures of the browser tests: a real hub, a real Chromium, phones."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub, live_hub
from tests.browser.phone import Phone, phone
from tests.needs import chromium

MakePhone = Callable[..., Awaitable[Phone]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder takes Chromium."""
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.needs("chromium"))
            # One Chromium serves all of them, and it belongs to one event loop.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path) -> AsyncIterator[LiveHub]:
    """A new hub whose owner has not set up a key yet."""
    async with live_hub(tmp_path) as live:
        yield live


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window. What is expected of a page may take a while where others use the computer too."""
    expect.set_options(timeout=15_000)
    async with async_playwright() as playwright:
        # The pages of one profile share a process: it starts once, and has read the page's files already.
        args = ["--no-sandbox", "--process-per-site", "--renderer-process-limit=1"]
        opened = await playwright.chromium.launch(executable_path=chromium(), args=args)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_phone(browser: Browser, hub: LiveHub) -> AsyncIterator[MakePhone]:
    """Makes phones; at the end none of them may have anything to complain about."""
    phones: list[Phone] = []
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Phone:
            held = await stack.enter_async_context(phone(browser, hub.url, **options))
            phones.append(held)
            return held

        yield make
    assert [complaint for held in phones for complaint in held.complaints] == []


@pytest_asyncio.fixture(loop_scope="session")
async def maja(hub: LiveHub, new_phone: MakePhone) -> Phone:
    """The owner's phone with a passkey and a device key, at the empty inbox."""
    held = await new_phone()
    await held.set_up(hub.setup_link)
    return held


@pytest_asyncio.fixture(loop_scope="session")
async def agent(hub: LiveHub) -> AsyncHub:
    """An agent that may ask."""
    return await hub.agent()
