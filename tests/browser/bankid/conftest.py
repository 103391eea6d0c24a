"""A hub that asks a BankID, and a phone whose owner has linked theirs: one for a file, a page and an agent for each
test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from approvals_hub.cli.pretend_bankid.certificates import Person
from approvals_hub_client import AsyncHub
from identity.bankid import COLLECT_EVERY
from tests.browser.bankid.scene import ANDROID, link
from tests.browser.hub import LiveHub, live_hub
from tests.browser.pages import another_page
from tests.browser.phone import Phone, phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_orders import Order
from tests.fakes.bankid_scene import authorities
from tests.flows.world import TestClock


class PromptBankID(FakeBankID):
    """The hub asks as soon as something has changed: nobody has to wait for the next of its rounds."""

    def __init__(self, folder: Path, time: TestClock) -> None:
        super().__init__(authorities(), folder, lambda: time.clock().now())
        self.time = time

    def scan(self, code: str, person: Person) -> Order:
        opened = super().scan(code, person)
        self.time.pass_seconds(COLLECT_EVERY)
        return opened

    def approve(self, order: Order, **bent: Any) -> str | None:
        back = super().approve(order, **bent)
        self.time.pass_seconds(COLLECT_EVERY)
        return back

    def decline(self, order: Order, hint: str = "userCancel") -> None:
        super().decline(order, hint)
        self.time.pass_seconds(COLLECT_EVERY)


@pytest.fixture(scope="module")
def time() -> TestClock:
    """The time of the hub and of BankID."""
    return TestClock()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bankid(tmp_path_factory: pytest.TempPathFactory, time: TestClock) -> AsyncIterator[FakeBankID]:
    """BankID, where Anna and Bo are people."""
    fake = PromptBankID(tmp_path_factory.mktemp("bankid"), time)
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def linked(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, bankid: FakeBankID, time: TestClock
) -> AsyncIterator[tuple[LiveHub, Phone]]:
    """A hub that asks this BankID, and its owner's phone with Anna's BankID linked."""
    tables = {"bankid": {"url": bankid.url, **bankid.settings_files}}
    async with (
        live_hub(tmp_path_factory.mktemp("hub"), tables, time) as live,
        phone(browser, live.url, user_agent=ANDROID) as held,
    ):
        await held.set_up(live.setup_link)
        await link(held, bankid)
        yield live, held
        assert held.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def hub(linked: tuple[LiveHub, Phone]) -> LiveHub:
    """The hub; questions ask for BankID."""
    live, _ = linked
    await live.require(methods=["bankid"])
    return live


@pytest_asyncio.fixture(loop_scope="session")
async def maja(linked: tuple[LiveHub, Phone]) -> AsyncIterator[Phone]:
    """A new page of the owner's browser, not opened yet."""
    async for held in another_page(linked[1]):
        yield held


@pytest_asyncio.fixture(loop_scope="session")
async def agent(hub: LiveHub) -> AsyncIterator[AsyncHub]:
    """A new agent of the same name; what it asked ends with the test."""
    async with hub.agent_for_a_while() as made:
        yield made
