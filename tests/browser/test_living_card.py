"""A card that is open stays true while others answer, and takes nothing away from whoever reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub
from approvals_hub_client.rule import Rule
from tests.browser.hub import RICH, LiveHub, ask, live_hub
from tests.browser.phone import Phone, phone

LONG = {**RICH, **{f"text_{n}": f"{n} " * 60 for n in range(12)}}
Colleagues = tuple[SoftwarePhone, SoftwarePhone]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def several(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[LiveHub, Phone, Colleagues, AsyncHub]]:
    """A hub with three who may answer, Maja with a screen, and an agent whose owner is none of them."""
    async with live_hub(tmp_path_factory.mktemp("hub")) as live, phone(browser, live.url) as maja:
        await maja.set_up(live.setup_link)
        # One agent asks the same in each of these tests, and is denied in some.
        await live.hub.set_limits(live.operator, {"back_off": False})
        made: list[SoftwarePhone] = []
        for name in ("Bo Ek", "Eva Ask", "Anna Lind"):
            link = await live.invitation(name, "developer" if name == "Anna Lind" else "approver")
            colleague = await live.colleague()
            await colleague.enrol(link.split("#")[1])
            if name != "Anna Lind":
                await live.hub.confirm_device(live.operator, colleague.device_id, colleague.digits or "")
                await colleague.sign_in()
            made.append(colleague)
        bo, eva, anna = made
        yield live, maja, (bo, eva), await live.agent(owner_id=anna.person_id)
        assert maja.complaints == []


async def answer(colleague: SoftwarePhone, escalation_id: str, decision: str = "approve") -> None:
    await colleague.send(escalation_id, await colleague.look(escalation_id), decision)


async def test_a_colleagues_approval_is_told_politely_and_the_reader_stays_where_they_are(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, eva), agent = several
    await hub.require(approvals=3, owner_counts=True)
    question = await ask(agent, LONG)
    await maja.card(question.escalation_id)
    await maja.sees("0 people have approved. At least 3 more must.")
    await maja.page.locator("summary").focus()
    await maja.page.evaluate(
        "document.querySelector('summary').scrollIntoView(); window.marked = document.querySelector('article')"
    )
    place = await maja.page.evaluate("scrollY")
    assert place > 0
    for colleague, said in ((bo, "1 person has approved. At least 2 more must."), (eva, "2 people have approved.")):
        await answer(colleague, question.escalation_id)
        await expect(maja.page.locator(".rule .progress")).to_contain_text(said)
        await expect(maja.page.locator("article > [role=status]")).to_contain_text(said)
    assert await maja.page.evaluate("document.querySelector('article') === window.marked")
    assert abs(await maja.page.evaluate("scrollY") - place) < 40
    assert await maja.page.evaluate("document.activeElement.tagName") == "SUMMARY"


async def test_a_sheet_that_is_open_stays_with_its_words_and_says_what_happened_meanwhile(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    await hub.require(approvals=3, owner_counts=True)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.deny.click()
    await maja.sheet.locator("textarea").fill("Not during the release")
    await answer(bo, question.escalation_id)
    await expect(maja.sheet.locator("[role=status]")).to_contain_text("1 person has approved.")
    await expect(maja.sheet.locator("textarea")).to_have_value("Not during the release")
    await expect(maja.sheet.locator("textarea")).to_be_focused()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_what_is_signed_after_others_answered_is_still_what_was_painted(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    await hub.require(approvals=2, owner_counts=True)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.click()
    await answer(bo, question.escalation_id)
    button = maja.sheet.locator(".approve")
    await expect(maja.sheet.locator("[role=status]")).to_contain_text("1 person has approved.")
    await button.click()
    await maja.heading("You approved")
    await agent.wait(question, within=20)


async def test_a_time_lock_that_begins_is_shown_and_the_approve_button_goes_without_the_focus_being_lost(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    await hub.require(quorum=Rule(of=("role:approver", "role:owner"), approvals=1), wait=600, owner_counts=True)
    question = await ask(agent, expires_in=900)
    await maja.card(question.escalation_id)
    await maja.deny.focus()
    await answer(bo, question.escalation_id)
    await expect(maja.page.locator(".rule .progress")).to_contain_text("It takes effect")
    await expect(maja.deny).to_be_focused()
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_a_stage_that_begins_brings_the_buttons_and_leaves_the_reader_alone(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    quorum = Rule(stages=(Rule(of=("role:approver",), approvals=1), Rule(of=("role:owner",), approvals=1)))
    await hub.require(quorum=quorum, owner_counts=True)
    question = await ask(agent, LONG)
    await maja.open(f"/app/escalations/{question.escalation_id}")
    await maja.sees("You are asked when others before you have approved.")
    await maja.page.locator("summary").focus()
    await maja.page.evaluate("window.marked = document.querySelector('article')")
    await answer(bo, question.escalation_id)
    await expect(maja.page.locator(".answers")).to_be_visible()
    await expect(maja.page.get_by_text("You are asked when others before you")).to_have_count(0)
    assert await maja.page.evaluate("document.querySelector('article') === window.marked")
    assert await maja.page.evaluate("document.activeElement.tagName") == "SUMMARY"


async def test_more_time_that_somebody_else_asked_for_is_shown_without_a_new_painting(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    await hub.require(longest=3600)
    question = await ask(agent, expires_in=120)
    await maja.card(question.escalation_id)
    await maja.page.evaluate("window.marked = document.querySelector('article')")
    before = await maja.page.locator(".part-until time").get_attribute("datetime")
    await bo.call("POST", f"/v1/escalations/{question.escalation_id}/extensions", {"expires_in": 600})
    await expect(maja.page.locator("article > [role=status]")).to_contain_text("It can be answered until")
    assert await maja.page.locator(".part-until time").get_attribute("datetime") != before
    assert await maja.page.evaluate("document.querySelector('article') === window.marked")


async def test_a_veto_ends_the_card_for_everybody_at_once(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, eva), agent = several
    await hub.require(approvals=2, veto=("role:approver",), owner_counts=True)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await answer(bo, question.escalation_id)
    await expect(maja.page.locator(".rule .progress")).to_contain_text("1 person has approved.")
    await answer(eva, question.escalation_id, "deny")
    await expect(maja.page.locator("h1")).to_have_text("Denied")
    await maja.sees("By Eva Ask")


async def test_a_question_is_handed_over_and_the_card_says_to_whom(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (_, eva), agent = several
    await hub.require(owner_counts=True)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.button("Not mine: ask somebody else").click()
    await expect(maja.sheet.get_by_role("radio")).to_have_count(2)
    await expect(maja.sheet.get_by_role("button", name="Have them told")).to_be_disabled()
    await maja.sheet.get_by_role("radio", name="Eva Ask").check()
    await maja.sheet.get_by_role("button", name="Have them told").click()
    await maja.sees("You asked Eva Ask to answer instead. You can still answer.")
    await expect(maja.button("Not mine: ask somebody else")).to_be_hidden()
    await expect(maja.approve).to_be_enabled()
    shown = await eva.call("GET", f"/v1/escalations/{question.escalation_id}/presentation")
    assert (shown["handed_by"], shown["handed_to"]) == ("Maja Berg", None)


async def test_a_card_that_is_open_says_that_it_was_handed_to_its_reader(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub],
) -> None:
    hub, maja, (bo, _), agent = several
    await hub.require(owner_counts=True)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    me = await maja.page.evaluate(
        "fetch('/v1/session').then((answer) => answer.json()).then((it) => it.person.person_id)"
    )
    await bo.call("POST", f"/v1/escalations/{question.escalation_id}/hand-over", {"to": me})
    await expect(maja.page.locator(".hand-over")).to_contain_text("Bo Ek asks you to answer this")
    await expect(maja.page.locator("article > [role=status]")).to_contain_text("Bo Ek asks you to answer this")
    await maja.open("/app/")
    await maja.sees("handed to you")


@pytest.mark.needs("axe")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_handing_over_has_no_barrier_and_fits_on_320_pixels(
    several: tuple[LiveHub, Phone, Colleagues, AsyncHub], scheme: Any
) -> None:
    hub, maja, _, agent = several
    await hub.require(approvals=2, owner_counts=True)
    question = await ask(agent)
    await maja.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await maja.card(question.escalation_id)
    assert await maja.barriers() == []
    await maja.button("Not mine: ask somebody else").click()
    await maja.sheet.get_by_role("radio", name="Bo Ek").check()
    assert await maja.barriers() == []
    await maja.sheet.get_by_role("button", name="Have them told").click()
    await maja.sees("You asked Bo Ek to answer instead")
    assert await maja.barriers() == []
    await maja.page.set_viewport_size({"width": 320, "height": 640})
    assert await maja.overflow() == 0
    await maja.page.set_viewport_size({"width": 390, "height": 844})
