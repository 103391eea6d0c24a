"""Every screen from the first visit to the last, seen by axe."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import MakePhone
from tests.browser.hub import RICH, LiveHub, ask

pytestmark = pytest.mark.needs("axe")


async def test_no_screen_has_a_barrier(hub: LiveHub, new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.page.goto(hub.setup_link)
    await phone.heading("Hello")
    assert await phone.barriers_by_day_and_night() == []
    await phone.make_key()
    agent = await hub.agent()
    question = await ask(agent, RICH)
    await expect(phone.page.locator(".cards > li")).to_have_count(1)
    assert await phone.barriers_by_day_and_night() == []
    await phone.open("/app/devices")
    await expect(phone.page.locator(".rows li")).to_have_count(3)
    assert await phone.barriers_by_day_and_night() == []
    await phone.card(question.escalation_id)
    await phone.button("+33 lines").click()
    assert await phone.barriers_by_day_and_night() == []
    await phone.deny.click()
    assert await phone.barriers_by_day_and_night() == []
    await phone.sheet.get_by_role("button", name="Deny").click()
    await phone.heading("You denied")
    assert await phone.barriers_by_day_and_night() == []
    await phone.open("/app/decisions")
    await phone.sees("How you answer: the last 30 days")
    await phone.sees("One was answered; approved: 0%.")
    await phone.page.locator("summary").click()
    assert await phone.barriers_by_day_and_night() == []
    await phone.offer_nothing()
    await phone.open("/app/devices")
    await phone.button("Sign out and").click()
    await phone.heading("Sign in")
    assert await phone.barriers_by_day_and_night() == []
