"""Approve, deny, report: with everything real from the finger to the token."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route, expect

from approvals_hub_client import AsyncHub
from approvals_hub_client.errors import Denied, Expired, NotMe
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone
from tests.browser.time_passes import time_passes

CLOCK = """(() => {
  const off = %d, own = Date
  const origin = performance.timeOrigin + off
  Object.defineProperty(performance, 'timeOrigin', {get: () => origin})
  globalThis.Date = class extends own {
    constructor(...given) { super(...(given.length ? given : [own.now() + off])) }
    static now() { return own.now() + off }
  }
})()"""
"""A device's clock that is so many milliseconds off."""


async def test_a_question_appears_by_itself_and_its_approval_becomes_a_token(maja: Phone, agent: AsyncHub) -> None:
    await maja.open()
    await maja.heading("Waiting for you")
    question = await ask(agent)
    await maja.page.locator(f"a[href$='{question.escalation_id}']").click()
    await maja.heading("Drop tables")
    await maja.confirm()
    await maja.heading("You approved")
    approved = await agent.wait(question, within=20)
    redeemed = await agent.redeem(approved)
    assert redeemed.proof_token


async def test_the_receipt_names_answer_time_key_and_hashes(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.confirm()
    await maja.heading("You approved")
    receipt = maja.page.locator(".receipt")
    await expect(receipt).to_contain_text("dec_")
    await expect(receipt).to_contain_text(question.action_hash.removeprefix("sha256:")[:16])
    await expect(receipt).to_contain_text("The token waits for the agent.")


async def test_holding_the_button_for_a_second_approves_once(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    async with maja.touching(maja.approve):
        await maja.heading("You approved")
    await agent.wait(question, within=20)
    answers = await maja.page.evaluate("fetch('/v1/decisions').then((answer) => answer.json())")
    assert [one["escalation_id"] for one in answers["items"]].count(question.escalation_id) == 1


async def test_letting_go_after_half_a_second_decides_nothing(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.keep_timers(1000)
    await maja.card(question.escalation_id)
    page = maja.page.locator("html")
    async with maja.touching(maja.approve):
        await expect(page).to_have_attribute("data-kept", "1")
        await maja.page.wait_for_timeout(500)
    await expect(page).to_have_attribute("data-kept", "0")
    await expect(maja.approve).not_to_have_class(re.compile("holding"))
    assert await maja.sheet.count() == 0
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_double_tap_on_approve_decides_nothing(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    # The half second in which the second step takes no press: it lasts, however slow the taps are here.
    await maja.keep_timers(500)
    await maja.card(question.escalation_id)
    await maja.approve.tap()
    await maja.sheet.locator(".approve").tap(force=True)
    await expect(maja.page.locator("html")).to_have_attribute("data-kept", "1")
    assert await maja.sheet.count() == 1
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_the_second_step_stands_elsewhere_than_the_first(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    first = await maja.approve.bounding_box()
    await maja.approve.click()
    second = await maja.sheet.locator(".approve").bounding_box()
    assert first is not None
    assert second is not None
    assert second["y"] + second["height"] < first["y"]


async def test_a_low_risk_takes_one_tap(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await hub.require(risk="low")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.tap()
    await maja.heading("You approved")


async def test_a_medium_risk_takes_two_steps(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await hub.require(risk="medium")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.confirm()
    await maja.heading("You approved")


async def test_a_critical_risk_is_signed_by_the_passkey(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await hub.require(risk="critical")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.sees("Your passkey signs the answer.")
    await maja.confirm()
    await maja.heading("You approved")
    await expect(maja.page.locator(".receipt")).to_contain_text("a passkey")


async def test_a_passkey_without_its_screen_lock_signs_nothing(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await hub.require(risk="critical")
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.user_verifies(False)
    await maja.confirm()
    await maja.sees("Nothing was signed.")
    assert (await agent.question(question.escalation_id, question.action)).is_open


async def test_a_denial_carries_its_reason_to_the_agent(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.deny.click()
    await maja.sheet.get_by_label("Wrong target").check()
    await maja.sheet.get_by_label("In your words").fill("Use the staging database.")
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")
    with pytest.raises(Denied) as denied:
        await agent.wait(question, within=20)
    assert denied.value.reason_code == "wrong_target"
    assert denied.value.reason == "Use the staging database."


async def test_a_denial_takes_no_more_touches_than_an_approval(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_what_one_did_not_start_is_reported_and_pauses_the_agent(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    other = await ask(agent, {"database": "other"})
    await maja.card(question.escalation_id)
    await maja.button("I did not start this").click()
    report = maja.sheet.get_by_role("button", name="Report and pause the agent")
    await expect(report).not_to_have_attribute("aria-disabled", "true")
    await report.click()
    await maja.heading("You reported it")
    with pytest.raises(NotMe):
        await agent.wait(question, within=20)
    await maja.open(f"/app/escalations/{other.escalation_id}")
    await maja.heading("Withdrawn")
    await maja.sees("the agent was paused")


async def test_an_approval_that_was_not_used_can_be_taken_back(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.confirm()
    await maja.button("Take the approval back").click()
    await maja.sees("The token was taken back and cannot be used.")


async def test_no_success_is_shown_before_the_hub_has_written_it_down(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.page.route("**/decisions", lambda route: route.abort())
    await maja.confirm()
    await maja.sees("It is not known whether your answer arrived")
    assert await maja.page.locator(".stamp").count() == 0
    await maja.page.unroute("**/decisions")
    await maja.confirm()
    await maja.heading("You approved")


BEHIND = '{"status": 503, "code": "log_behind", "detail": "the log is not sealed in time"}'


async def test_an_answer_that_the_hub_cannot_take_at_this_moment_is_sent_again(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)

    async def behind(route: Route) -> None:
        await route.fulfill(status=503, headers={"Retry-After": "10"}, body=BEHIND)

    await maja.page.route("**/decisions", behind, times=1)
    await maja.confirm()
    await maja.heading("You approved")


async def test_a_hub_that_takes_no_answer_is_said_and_the_answer_can_be_given_again(
    maja: Phone, agent: AsyncHub
) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.page.route("**/decisions", lambda route: route.fulfill(status=503, body=BEHIND), times=1)
    await maja.confirm()
    await maja.sees("The hub cannot take an answer now, and has taken none.")
    await maja.confirm()
    await maja.heading("You approved")


async def test_an_answer_whose_receipt_was_lost_is_found_again(maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent)
    await maja.card(question.escalation_id)

    async def deliver_and_lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await maja.page.route("**/decisions", deliver_and_lose)
    await maja.confirm()
    await maja.heading("You approved")


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_the_time_that_is_left_follows_the_hubs_clock(maja: Phone, agent: AsyncHub, minutes: int) -> None:
    question = await ask(agent, expires_in=600)
    await maja.page.add_init_script(CLOCK % (minutes * 60_000))
    await maja.card(question.escalation_id)
    shown = await maja.page.locator(".countdown .left").inner_text()
    left, seconds = shown.split(":")
    assert 480 <= int(left) * 60 + int(seconds) <= 600


async def test_a_question_that_expires_under_ones_eyes_loses_its_buttons(
    hub: LiveHub, maja: Phone, agent: AsyncHub
) -> None:
    question = await ask(agent, expires_in=100)
    await maja.card(question.escalation_id)
    await time_passes(hub, maja, 98)
    await expect(maja.page.locator("h1")).to_have_text("Expired")
    assert await maja.page.locator(".answers").count() == 0
    with pytest.raises(Expired):
        await agent.wait(question, within=20)


async def test_more_time_is_one_touch_away_shortly_before_the_end(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    question = await ask(agent, expires_in=200)
    await maja.card(question.escalation_id)
    await expect(maja.button("More time")).to_have_count(0)
    await time_passes(hub, maja, 150)
    await maja.button("More time").click()
    await expect(maja.page.locator(".more-time")).to_be_empty()
    extended = await agent.question(question.escalation_id, question.action)
    assert extended.expires_at > question.expires_at


async def test_a_way_that_is_not_linked_leads_to_devices(hub: LiveHub, maja: Phone, agent: AsyncHub) -> None:
    await hub.require(methods=["totp"])
    question = await ask(agent)
    await maja.card(question.escalation_id)
    await maja.approve.click()
    await maja.sees("none of the ways that are enough is linked to you yet")
    await maja.sheet.get_by_role("link", name="Link one under Devices").click()
    await maja.heading("Devices and sessions")
