"""One hub that pushes to browsers, and one phone, for a file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.hub import live_hub
from tests.browser.phone import phone
from tests.browser.push.scene import SUBSCRIBE, Told
from tests.contracts.channels.stage_webpush import CONTACT, KEY, PUBLIC
from tests.fakes.push_service import PushService
from tests.fakes.tls import Authority
from tests.flows.world import TestClock
from tests.needs import chromium

HERE = f"{Path(__file__).parent}{os.sep}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder takes a Chromium that can notify."""
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.needs("notifications"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser_that_notifies() -> AsyncIterator[Browser]:
    """The whole Chromium, without a window."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(shows=True), args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pushed(browser_that_notifies: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Told]:
    """The hub, the push service, and the owner's phone, which lets pages notify."""
    folder, authority, time = tmp_path_factory.mktemp("hub"), Authority(), TestClock()
    (folder / "ca.pem").write_text(authority.pem())
    service = PushService(authority, PUBLIC, now=time.clock().now() + 3_600_000)
    await service.open()
    table = {"kind": "webpush", "ca_file": "ca.pem", "private_key": KEY, "contact": CONTACT, "hosts": [service.host]}
    table["private_networks"] = ["127.0.0.0/8"]
    async with (
        live_hub(folder, time=time, channels={"browser": table}) as live,
        phone(browser_that_notifies, live.url, worker=True) as held,
    ):
        told = Told(live, service, held)
        await held.context.grant_permissions(["notifications"], origin=live.url)
        await held.context.expose_function("subscribeAtVendor", told.subscribe)
        await held.context.add_init_script(SUBSCRIBE)
        await held.set_up(live.setup_link)
        yield told
        assert held.complaints == []
    await service.close()


@pytest_asyncio.fixture(loop_scope="session")
async def told(pushed: Told) -> AsyncIterator[Told]:
    """The same, with nothing turned on and nothing shown.

    What is open is a text, no page of the hub: that would take away what is shown of questions that do not wait.
    """
    await pushed.reset()
    yield pushed
    await pushed.reset()
