"""The one command that a newcomer types, with a real browser as the phone."""

from __future__ import annotations

import asyncio
import json
import re
import sys

from playwright.async_api import Browser

from tests.browser.phone import phone

HELD = {"outcome": "approved", "redeemed": True, "second_redemption": 409, "audit_verified": True}
WITHIN = 60.0


async def told(lines: asyncio.StreamReader, pattern: str) -> str:
    """The first thing of this form that the command says."""
    async with asyncio.timeout(WITHIN):
        while line := await lines.readline():
            found = re.search(pattern, line.decode())
            if found:
                return found[0]
    raise AssertionError(f"the demo never said {pattern}")


async def test_a_person_goes_through_the_demo_on_a_real_page_and_all_of_it_holds(browser: Browser) -> None:
    words = [sys.executable, "-m", "approvals_hub", "demo", "--json"]
    demo = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        assert demo.stderr is not None
        link = await told(demo.stderr, r"http://localhost:\d+/app/enrol#\S+")
        async with phone(browser, link.partition("/app/")[0]) as held:
            await held.page.goto(link)
            await held.make_key(passkey=False)
            await told(demo.stderr, "Answer it in the browser")
            await held.page.get_by_role("link", name="Drop table").click()
            await held.sees("DROP TABLE customers")
            await held.confirm()
            out, _ = await asyncio.wait_for(demo.communicate(), WITHIN)
            assert held.complaints == []
    finally:
        if demo.returncode is None:
            demo.terminate()
            await demo.wait()
    result = json.loads(out)
    assert {name: result[name] for name in HELD} == HELD
    assert demo.returncode == 0
