"""The one command that a newcomer types, with a real browser as the phone."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, expect

from tests.browser.phone import Phone, phone

HELD = {"outcome": "approved", "redeemed": True, "second_redemption": 409, "audit_verified": True}
WITHIN = 150.0


async def told(lines: asyncio.StreamReader, pattern: str) -> str:
    """The first thing of this form that the command says."""
    said = []
    async with asyncio.timeout(WITHIN):
        while line := await lines.readline():
            said.append(line.decode())
            found = re.search(pattern, said[-1])
            if found:
                return found[0]
    raise AssertionError(f"the demo never said {pattern}, but: {''.join(said)}")


@asynccontextmanager
async def running(*more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader]]:
    """The command, and what it says to a person."""
    words = [sys.executable, "-m", "approvals_hub", "demo", "--json", *more]
    demo = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    assert demo.stderr is not None
    try:
        yield demo, demo.stderr
    finally:
        if demo.returncode is None:
            demo.terminate()
            await demo.wait()


async def ended(demo: asyncio.subprocess.Process) -> dict[str, object]:
    """What it prints of what held, once it has ended well."""
    out, _ = await asyncio.wait_for(demo.communicate(), WITHIN)
    assert demo.returncode == 0
    return {name: json.loads(out)[name] for name in HELD}


async def test_a_person_goes_through_the_demo_on_a_real_page_and_all_of_it_holds(browser: Browser) -> None:
    async with running() as (demo, told_here):
        link = await told(told_here, r"http://localhost:\d+/app/enrol#\S+")
        async with phone(browser, link.partition("/app/")[0]) as held:
            await held.page.goto(link)
            await held.make_key(passkey=False)
            await told(told_here, "Answer it in the browser")
            await held.page.get_by_role("link", name="Drop table").click()
            await held.sees("DROP TABLE customers")
            await held.confirm()
            assert await ended(demo) == HELD
            assert held.complaints == []


async def test_a_person_tries_bankid_with_an_app_that_says_on_its_page_that_it_is_none(browser: Browser) -> None:
    async with running("--with", "bankid") as (demo, told_here):
        link = await told(told_here, r"http://localhost:\d+/app/enrol#\S+")
        async with phone(browser, link.partition("/app/")[0], is_mobile=False, has_touch=False) as held:
            await held.page.goto(link)
            await held.make_key(passkey=False)
            await told(told_here, "PRETEND BANKID")
            app = await told(told_here, r"http://localhost:\d+/$")
            await held.open("/app/devices")
            await held.sees("Demo (pretend BankID)")
            await held.button("Link: BankID").click()
            await held.button("Confirm and begin").click()
            await signs(held, app)
            await held.sees("BankID is linked.")
            await told(told_here, "Answer it in the browser")
            await held.open()
            await held.page.get_by_role("link", name="Drop table").click()
            await held.prove("BankID")
            await signs(held, app)
            assert await ended(demo) == HELD
            assert held.complaints == []


async def signs(held: Phone, app: str) -> None:
    """The person signs on the page that plays the app, which warns of itself, beside the hub's."""
    await expect(held.page.locator(".qr")).to_be_visible()
    beside = await held.context.new_page()
    await beside.goto(app)
    await expect(beside.locator(".pretend")).to_contain_text("This is a pretend BankID.")
    await beside.get_by_role("button", name="Sign").click()
    await expect(beside.locator("body")).to_contain_text("Signed as Anna Ångström.")
    await beside.close()
