"""The card of a policy that an agent proposes: what changes in words first, the whole text at hand."""

from __future__ import annotations

import asyncio
import struct

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from approvals_hub.hub import PolicyDraft
from approvals_hub_client import AsyncHub
from tests.browser.hub import LiveHub
from tests.browser.phone import Phone
from tests.flows.signed import proven

TEXT = """version: 1
default: passthrough
description: "<img src=x onerror=alert(1)> small pаyments"
rules:
  - {id: small, effect: allow, action: finance.payment, constraints: {amount_max: 5000, currency: [EUR]}}
  - {id: never, effect: deny, action: finance.loan}
  - {id: large, effect: allow, action: finance.*, approval: {quorum: 2, min_assurance: SUBSTANTIAL}}
# What follows is long: nobody approves before it was opened and its end seen.
"""
WHY = "People always say yes to these."
LONG = TEXT + "".join(f"# {number}\n" for number in range(40))


async def proposed(hub: LiveHub, agent: AsyncHub) -> str:
    """A signed request."""
    path, body = "/v1/agent/policy-drafts", {"yaml": LONG, "name": "payments", "why": WHY}
    headers, raw = proven(agent.credential, "POST", path, body)
    async with ClientSession() as http, http.post(hub.url + path, data=raw, headers=headers) as given:
        assert given.status == 201
        return str((await given.json())["draft_id"])


async def ended(hub: LiveHub, draft_id: str) -> PolicyDraft:
    """The draft once the hub's worker has carried it out."""
    async with asyncio.timeout(20):
        while True:
            draft, _ = await hub.hub.drafts.read.one(hub.operator, draft_id)
            if not draft.live:
                return draft
            await asyncio.sleep(0.1)


@pytest.mark.needs("axe")
async def test_a_proposed_policy_is_read_in_words_with_its_text_and_counts_once_approved(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    draft_id = await proposed(hub, agent)
    draft, _ = await hub.hub.drafts.read.one(hub.operator, draft_id)
    await maja.page.set_viewport_size({"width": 390, "height": 844})
    # Whoever looks at the policy finds what waits about it: by whom, what it changes, and the way to its question.
    await maja.open("/app/policies/payments")
    waits = maja.page.locator(".waiting-draft")
    for words in ("nothing of it counts yet", "by the agent Ops agent", "finance.loan: refused"):
        await expect(waits).to_contain_text(words)
    await waits.locator("summary").click()
    await expect(waits.locator("pre")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await maja.page.locator("img[src=x]").count() == 0
    assert await maja.overflow() == 0
    assert await maja.barriers_by_day_and_night() == []
    await expect(waits.get_by_role("link")).to_have_attribute("href", f"/app/escalations/{draft.escalation_id}")
    await maja.card(str(draft.escalation_id))
    await maja.heading("Publish the policy")
    for words in (
        "The hub itself, and no agent",
        "Allowed from now on",
        "finance.payment, if the amount is at most 5000 minor units",
        "Refused from now on",
        "finance.loan: refused",
        "The whole text",
        WHY,
        "Mixes letters of different alphabets that look alike.",
        "It is carried out within a second",
    ):
        await maja.sees(words)
    assert await maja.page.locator("img[src=x]").count() == 0
    assert await maja.overflow() == 0
    assert await maja.barriers_by_day_and_night() == []
    # A phone's screen whole, and nothing painted outside it: the picture is as wide as the screen.
    picture = await maja.page.screenshot(full_page=True)
    wide, high = struct.unpack(">II", picture[16:24])
    scale = await maja.page.evaluate("devicePixelRatio")
    assert (picture[:8], wide, high > 844 * scale) == (b"\x89PNG\r\n\x1a\n", 390 * scale, True)
    for fold in await maja.page.locator("button.fold").all():
        await fold.click()
    assert await maja.barriers_by_day_and_night() == []
    for end in await maja.page.locator(".fold-end").all():
        await end.scroll_into_view_if_needed()
    await maja.confirm()
    done = await ended(hub, draft_id)
    assert (done.state, done.version) == ("in_force", 1)
    await expect(maja.page.locator("h1")).to_be_visible()
