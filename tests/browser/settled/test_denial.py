"""The address behind a notification's button Deny: a sheet that is open, and nothing more, whoever made the link."""

from __future__ import annotations

from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import ask
from tests.browser.phone import Phone


async def test_a_link_to_a_denial_from_elsewhere_opens_the_sheet_with_what_is_denied_and_denies_nothing(
    maja: Phone, agent: AsyncHub
) -> None:
    question = await ask(agent, {"database": "prod-eu-1", "cascade": True})
    sent: list[str] = []
    maja.page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    place = f"/app/escalations/{question.escalation_id}"
    await maja.open(f"{place}/denial")
    await expect(maja.sheet.get_by_role("heading", name="Deny this?")).to_be_visible()
    for shown in ("Drop tables · at prod-db.example.com", "Ops agent", "prod-eu-1"):
        await expect(maja.sheet.get_by_text(shown).first).to_be_visible()
    assert await maja.barriers_by_day_and_night() == []
    assert await maja.overflow() <= 0
    await maja.sheet.get_by_role("button", name="Back").click()
    await expect(maja.sheet).to_have_count(0)
    # The address is that of the card by now: whoever loads it again is asked nothing by it.
    assert maja.page.url.endswith(place)
    await maja.page.reload()
    await expect(maja.deny).to_be_enabled()
    await expect(maja.sheet).to_have_count(0)
    assert [url for url in sent if url.endswith("/decisions")] == []
    await maja.open(f"{place}/denial")
    await maja.sheet.get_by_role("radio", name="Wrong target").check()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")
    await maja.sees("Wrong target")
    assert len([url for url in sent if url.endswith("/decisions")]) == 1
    await maja.open(f"{place}/denial")
    await maja.heading("You denied")
    await expect(maja.sheet).to_have_count(0)


async def test_a_denial_that_comes_after_the_end_is_shown_the_end(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await agent.withdraw(question)
    await maja.open(f"/app/escalations/{question.escalation_id}/denial")
    await maja.heading("Withdrawn")
    await expect(maja.sheet).to_have_count(0)
