"""For everybody: WCAG 2.2 AA by axe, small screens, large text, keyboard, dark, still."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from approvals_hub.core.ids import new_id
from approvals_hub.db.database import Tx
from approvals_hub.notifications.notice import add_notice_in
from approvals_hub.orgs import notice_store as notices
from approvals_hub.people import store as people
from approvals_hub_client import AsyncHub
from tests.browser.conftest import MakePhone
from tests.browser.hub import RICH, LiveHub, ask
from tests.browser.phone import Phone
from tests.browser.time_passes import time_passes

pytestmark = pytest.mark.needs("axe")


@pytest.mark.parametrize("risk", ["low", "medium", "high", "critical"])
async def test_every_risk_can_be_read_in_both_themes(hub: LiveHub, maja: Phone, agent: AsyncHub, risk: str) -> None:
    await hub.require(risk=risk)
    question = await ask(agent)
    await maja.card(question.escalation_id)
    assert await maja.barriers_by_day_and_night() == []


@pytest.mark.parametrize("size", [100, 200])
async def test_nothing_is_cut_off_on_a_screen_of_320_pixels(
    hub: LiveHub, maja: Phone, agent: AsyncHub, size: int
) -> None:
    question = await ask(agent, RICH, relying_party="a-very-long-name.without-mercy.example.com", expires_in=50)
    await maja.page.set_viewport_size({"width": 320, "height": 640})
    card = f"/app/escalations/{question.escalation_id}"
    for path in ("/app/", "/app/decisions", "/app/devices", "/app/notices", "/app/policies", "/app/policies/new", card):
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
    await maja.open()
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
    await agent.wait(question, within=20)


async def test_whoever_is_quicker_than_the_last_part_of_the_inbox_keeps_the_focus(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    link, come = f"a[href$='{question.escalation_id}']", asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await maja.page.route("**/notices?**", late)
    await maja.open()
    await expect(maja.page.locator(link)).to_be_visible()
    await tab_to(maja, link)
    assert await maja.page.title() == "Approvals"
    come.set()
    await expect(maja.page).to_have_title("Waiting for you")
    await expect(maja.page.locator(link)).to_be_focused()
    await maja.page.unroute("**/notices?**")


async def test_a_row_that_is_painted_anew_keeps_the_focus(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    row = maja.page.locator(f"li:has(a[href$='{question.escalation_id}'])")
    await maja.open()
    await expect(maja.page).to_have_title("Waiting for you")
    await row.get_by_role("link").focus()
    await ask(agent)
    await expect(row.locator(".tag")).to_be_visible()
    await expect(row.get_by_role("link")).to_be_focused()


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


async def test_who_wants_more_contrast_reads_nothing_in_soft_ink(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    faint = "e => { const s = getComputedStyle(e); return [s.color, getComputedStyle(document.body).color] }"
    soft = maja.page.locator(".back")
    colour, ink = await soft.evaluate(faint)
    assert colour != ink
    await maja.page.emulate_media(contrast="more")
    colour, ink = await soft.evaluate(faint)
    assert colour == ink
    assert await maja.barriers() == []


async def test_the_ear_hears_milestones_and_not_every_second(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, expires_in=200)
    await maja.card(question.escalation_id)
    spoken, shown = maja.page.locator(".countdown [role=status]"), maja.page.locator(".countdown .left")
    await expect(spoken).to_have_text("")
    await time_passes(hub, maja, 145)
    await expect(spoken).to_have_text(re.compile(r"^0:[2-5]\d left$"))
    said, seen = await spoken.inner_text(), await shown.inner_text()
    await expect(shown).not_to_have_text(seen)
    await expect(spoken).to_have_text(said)


async def ada_is_on_the_way_back(hub: LiveHub) -> None:
    """Two notices about a member, a recovery of theirs and an eID that is expected of them."""
    now, ada, org = hub.hub.clock.now(), new_id("per"), hub.org_id

    async def work(tx: Tx) -> None:
        await people.add_person(tx, person_id=ada, name="Ada Byström", email=None, user_handle=ada.encode(), at=now)
        await tx.execute(
            "INSERT INTO recoveries (id, org_id, person_id, way, state, opened_by, invite_id, wait, usable_from,"
            " expires_at, opened_at, epoch, ended_at)"
            " VALUES (:id, :org, :person, 'colleagues', 'ended', :person, :person, 1, :now, :now, :now, 'e', :now)",
            id=new_id("rec"),
            org=org,
            person=ada,
            now=now,
        )
        await tx.execute(
            "INSERT INTO expected_factors (id, org_id, person_id, method, subject_hash, created_at, created_by,"
            " expires_at) VALUES (:id, :org, :person, 'bankid', :hash, :now, 'operator', :later)",
            id=new_id("exf"),
            org=org,
            person=ada,
            hash=bytes(32),
            now=now,
            later=now + 1_000_000,
        )
        for kind in ("recovery_opened", "identity_refused"):
            await add_notice_in(tx, org_id=org, kind=kind, subject_id=ada, by_id=None, at=now)

    await hub.hub.db.run(work)


@pytest.mark.parametrize("size", [(390, 844), (1280, 900)])
async def test_admins_find_by_keyboard_what_is_new_with_past_recoveries_and_expected_eids(
    hub: LiveHub, maja: Phone, size: tuple[int, int]
) -> None:
    await maja.page.set_viewport_size({"width": size[0], "height": size[1]})
    await ada_is_on_the_way_back(hub)
    await maja.open("/app/")
    link = maja.page.get_by_role("link", name="new notices for owners and admins")
    await link.focus()
    await maja.page.keyboard.press("Enter")
    await maja.heading("Notices")
    await maja.sees("Somebody wants to replace the keys of Ada Byström")
    await maja.sees("Somebody else’s eID was used for Ada Byström, and refused")
    await expect(maja.page.locator(".rows .tag", has_text="new")).to_have_count(2)
    await maja.sees("that colleagues sign for")
    await maja.sees("BankID of Ada Byström")
    await maja.sees("waits for the person")
    assert (await maja.barriers(), await maja.overflow()) == ([], 0)
    await maja.page.get_by_role("link", name="Back to the inbox").click()
    await maja.heading("Waiting for you")
    await expect(link).to_have_count(0)
    await maja.open("/app/notices")
    await maja.heading("Notices")
    await expect(maja.page.locator(".rows .tag", has_text="new")).to_have_count(0)


async def test_a_notice_is_not_read_unseen_behind_a_flood_of_others(hub: LiveHub, maja: Phone) -> None:
    now, org = hub.hub.clock.now(), hub.org_id

    async def work(tx: Tx) -> None:
        for subject in [person, *["nobody"] * 60]:
            await notices.add(
                tx, notice_id=new_id("not"), org_id=org, kind="recovery_opened", subject_id=subject, by_id=None, at=now
            )

    person = (await hub.hub.list_members(hub.operator))[0].person_id
    await hub.hub.db.run(work)
    new, older = maja.page.locator(".rows .tag", has_text="new"), maja.page.get_by_role("button", name="Older notices")
    for _ in range(2):
        await maja.open("/app/")
        await maja.page.get_by_role("link", name="More than 50 new notices").click()
        await expect(new).to_have_count(50)
        await maja.sees("There are more new ones")
    async with maja.page.expect_response(lambda answer: answer.url.endswith("/notices/read")):
        await older.click()
    await maja.sees("Somebody wants to replace the keys of Maja")
    await expect(new).to_have_count(61)
    await maja.open("/app/notices")
    await maja.heading("Notices")
    await expect(new).to_have_count(0)


async def test_the_screen_for_codes_is_there_when_its_address_is_typed(new_phone: MakePhone) -> None:
    phone = await new_phone()
    await phone.open("/app/recover")
    await phone.heading("Every key is lost")
    assert await phone.barriers() == []
    assert await phone.overflow() <= 0
