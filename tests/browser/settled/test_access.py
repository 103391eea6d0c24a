"""For everybody: WCAG 2.2 AA by axe, small screens, large text, keyboard, dark, still."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from approvals_hub_client import AsyncHub
from tests.browser.hub import RICH, LiveHub, ask
from tests.browser.phone import Phone

pytestmark = pytest.mark.needs("axe")


@pytest.mark.parametrize("risk", ["low", "medium", "high", "critical"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_risk_can_be_read_in_both_themes(
    hub: LiveHub, maja: Phone, agent: AsyncHub, risk: str, scheme: Any
) -> None:
    await hub.require(risk=risk)
    await maja.page.emulate_media(color_scheme=scheme)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    assert await maja.barriers() == []


@pytest.mark.parametrize("size", [100, 200])
async def test_nothing_is_cut_off_on_a_screen_of_320_pixels(
    hub: LiveHub, maja: Phone, agent: AsyncHub, size: int
) -> None:
    question = await ask(agent, RICH, relying_party="a-very-long-name.without-mercy.example.com", expires_in=50)
    await maja.page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/app/", "/app/decisions", "/app/devices", f"/app/escalations/{question.escalation_id}"):
        await maja.open(path)
        await expect(maja.page.locator("h1")).to_be_visible()
        await maja.page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        await maja.page.wait_for_timeout(300)
        assert await maja.overflow() == 0, path


async def test_the_buttons_never_cover_what_they_are_about(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, RICH)
    await maja.page.set_viewport_size({"width": 320, "height": 480})
    await maja.card(question.escalation_id)
    await maja.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await expect(maja.page.locator(".answers")).to_have_css("position", "static")


async def test_a_whole_answer_goes_by_keyboard(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    keys = maja.page.keyboard
    link = f"a[href$='{question.escalation_id}']"
    await expect(maja.page.locator(link)).to_be_visible()
    await tab_to(maja, link)
    await keys.press("Enter")
    await expect(maja.page.locator(".answers")).to_be_visible()
    await tab_to(maja, ".answers .approve")
    await keys.press("Enter")
    await expect(maja.sheet.locator(".approve")).not_to_have_attribute("aria-disabled", "true")
    await tab_to(maja, "dialog .approve")
    await keys.press("Space")
    await maja.heading("You approved")
    await agent.wait(question, within=10)


async def tab_to(phone: Phone, selector: str) -> None:
    for _ in range(40):
        await phone.page.keyboard.press("Tab")
        if await phone.page.evaluate(f'document.activeElement.matches("{selector}")'):
            return
    raise AssertionError(f"Tab never reaches {selector}")


async def test_escape_leaves_a_second_step_and_the_focus_returns(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.deny.focus()
    await maja.page.keyboard.press("Enter")
    await expect(maja.sheet).to_be_visible()
    await maja.page.keyboard.press("Escape")
    await expect(maja.sheet).to_have_count(0)
    assert await maja.page.evaluate("document.activeElement.className") == "deny"


async def test_focus_is_never_hidden_under_the_buttons(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, {f"text_{n}": f"{n} " * 60 for n in range(12)})
    await maja.card(question.escalation_id)
    for _ in range(16):
        await maja.page.keyboard.press("Tab")
        hidden = await maja.page.evaluate(
            """() => {
              const {top, bottom} = document.activeElement.getBoundingClientRect()
              const bar = document.querySelector('.answers')
              return !bar.contains(document.activeElement) && top >= bar.getBoundingClientRect().top && bottom > 0
            }"""
        )
        assert not hidden


async def test_buttons_that_decide_are_large_and_apart(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    deny, approve = await maja.deny.bounding_box(), await maja.approve.bounding_box()
    assert deny is not None
    assert approve is not None
    assert min(deny["width"], deny["height"], approve["width"], approve["height"]) >= 44
    assert approve["x"] - (deny["x"] + deny["width"]) >= 8


async def test_who_wants_no_motion_gets_numbers_only(maja: Phone, agent: AsyncHub) -> None:
    await maja.page.emulate_media(reduced_motion="reduce")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await expect(maja.page.locator(".ring")).to_be_hidden()
    await expect(maja.page.locator(".countdown .left")).to_be_visible()


async def test_forced_colours_keep_the_edges_of_the_buttons(maja: Phone, agent: AsyncHub) -> None:
    await maja.page.emulate_media(forced_colors="active")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    assert await maja.approve.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)") >= 2


async def test_the_ear_hears_milestones_and_not_every_second(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, expires_in=23)
    await maja.card(question.escalation_id)
    spoken = maja.page.locator(".countdown [role=status]")
    await expect(spoken).to_have_text("")
    await expect(spoken).to_have_text("0:20 left", timeout=6_000)
    await maja.page.wait_for_timeout(1500)
    await expect(spoken).to_have_text("0:20 left")
