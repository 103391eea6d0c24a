"""A hub that asks a BankID, and a phone whose owner has linked theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.browser.bankid.scene import signs_elsewhere
from tests.browser.conftest import MakePhone
from tests.browser.hub import LiveHub, live_hub
from tests.browser.phone import Phone
from tests.fakes.bankid import FakeBankID
from tests.fakes.bankid_scene import authorities
from tests.flows.world import TestClock

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)


@pytest_asyncio.fixture(loop_scope="session")
async def time() -> TestClock:
    """The time of the hub and of BankID."""
    return TestClock()


@pytest_asyncio.fixture(loop_scope="session")
async def bankid(tmp_path: Path, time: TestClock) -> AsyncIterator[FakeBankID]:
    """BankID, where Anna and Bo are people."""
    fake = FakeBankID(authorities(), tmp_path, lambda: time.clock().now())
    await fake.start()
    yield fake
    await fake.stop()


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
    await held.open("/app/devices")
    await held.button("Link: BankID").click()
    await held.button("Confirm and begin").click()
    await held.button("Use another device instead").click()
    await signs_elsewhere(held, bankid)
    await held.sees("BankID is linked.")
    await hub.require(methods=["bankid"])
    return held
