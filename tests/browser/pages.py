"""Pages of a browser: those that many tests share, each as good as new, and when something holds in one.

Opening a page costs more than all that a test does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from playwright.async_api import Error, Page

from tests.browser.phone import Phone, take

PREPARES = ("add_init_script", "route", "on", "once", "expose_function", "expose_binding", "close")
"""What a test does to a page that stays with it: such a page ends with its test."""


async def another_page(owner: Phone) -> AsyncIterator[Phone]:
    """A page of somebody's browser that nobody has opened yet, with their passkeys; it may have nothing to complain
    about.

    It is one that another test had before, unless that one has prepared it. What a page keeps of a step-up that is
    under way, what it looks like and what its authenticator knows is forgotten.
    """
    held = owner.left.pop() if owner.left else _watched(await take(owner.context, owner.url))
    found = await owner.cdp.send("WebAuthn.getCredentials", {"authenticatorId": owner.authenticator})
    await held.bring(found["credentials"])
    yield held
    await held.context.set_offline(False)  # a test that failed without a network fails no other one
    if held.page.url.startswith(held.url):
        await held.page.evaluate("localStorage.clear(), sessionStorage.clear()")
    if held.prepared or held.page.is_closed():
        await held.page.close()
    else:
        await held.leave()
        await held.page.emulate_media(media="null", color_scheme="null", reduced_motion="null", forced_colors="null")
        if owner.page.viewport_size is not None and held.page.viewport_size != owner.page.viewport_size:
            await held.page.set_viewport_size(owner.page.viewport_size)
        await held.fresh_authenticator()
        owner.left.append(held)
    assert held.complaints == []


async def until(page: Page, condition: str) -> None:
    """Wait until an expression, or what it promises, is true in a page, also in one that loads itself again meanwhile.

    Playwright's `wait_for_function` holds only where it is true at once: to look again it makes code of a text, which
    the page's policy forbids.
    """
    looks = f"async () => {{ while (!(await ({condition}))) await new Promise((again) => setTimeout(again, 20)) }}"
    async with asyncio.timeout(20):
        while True:
            try:
                await page.evaluate(looks)
                return
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise


def _watched(held: Phone) -> Phone:
    """Its `prepared` tells whether a test has prepared the page."""
    for name in PREPARES:
        setattr(held.page, name, partial(_prepare, held, getattr(held.page, name)))
    return held


def _prepare(held: Phone, does: Any, *given: Any, **named: Any) -> Any:
    held.prepared = True
    return does(*given, **named)
