"""A hub and a phone for each test: these lose keys and link anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.browser.bankid.scene import ANDROID, link
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, live_hub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.flows.world import TestClock


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, bankid: FakeBankID, time: TestClock) -> AsyncIterator[LiveHub]:
    """A hub that asks this BankID."""
    async with live_hub(tmp_path, {"bankid": {"url": bankid.url, **bankid.settings_files}}, time) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def maja(hub: LiveHub, bankid: FakeBankID, new_phone: MakePhone) -> Phone:
    """The owner's phone, with Anna's BankID linked; questions ask for it."""
    held = await new_phone(user_agent=ANDROID)
    await held.set_up(hub.setup_link)
    await link(held, bankid)
    await hub.require(methods=["bankid"])
    return held
