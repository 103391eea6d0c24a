"""What an approval must carry beside a signature, on the page: the asker's number, and why."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone

WHY = "Backed up last night, I checked."


def other(code: str) -> str:
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


async def test_the_number_and_the_reason_are_written_before_an_approval_and_signed_with_it(
    hub: LiveHub, maja: Phone
) -> None:
    bot = await hub.agent()
    await hub.require(dwell=1, number_match=6, reason="required", owner_counts=True)
    question = await ask(bot)
    code = question.match_code or ""
    await maja.card(question.escalation_id)
    await maja.sees("An approval takes the 6 digits")
    await expect(maja.approve).to_be_disabled()
    await expect(maja.deny).to_be_enabled()
    assert code not in await maja.page.content()
    await maja.page.get_by_label("number on the asker").fill(other(code))
    await expect(maja.approve).to_be_disabled()
    await maja.page.get_by_label("Why may it happen").fill(WHY)
    await maja.confirm()
    await maja.sees("That is not the number. 2 tries are left.")
    await expect(maja.approve).to_be_disabled()
    await maja.page.get_by_label("number on the asker").fill(code)
    await maja.confirm()
    await maja.heading("You approved")
    await maja.sees(WHY)


async def test_an_approval_waits_until_the_question_was_on_the_screen_long_enough_and_a_denial_for_nothing(
    hub: LiveHub, maja: Phone
) -> None:
    await hub.require(dwell=60, owner_counts=True)
    await maja.card((await ask(await hub.agent())).escalation_id)
    await maja.sees("It stays on the screen for 60 seconds")
    await maja.sees("Read it first")
    await expect(maja.approve).to_be_disabled()
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")


async def test_after_three_wrong_numbers_the_page_offers_no_approval_and_still_a_denial(
    hub: LiveHub, maja: Phone
) -> None:
    await hub.require(number_match=2, owner_counts=True)
    question = await ask(await hub.agent())
    wrong = other(question.match_code or "")
    await maja.card(question.escalation_id)
    for left in ("2 tries are left", "1 try is left"):
        await maja.page.get_by_label("number on the asker").fill(wrong)
        await maja.confirm()
        await maja.sees(left)
    await maja.page.get_by_label("number on the asker").fill(wrong)
    await maja.confirm()
    await maja.sees("Too many wrong numbers came from you")
    await expect(maja.approve).to_be_hidden()
    await maja.deny.click()
    await maja.sheet.get_by_role("button", name="Deny").click()
    await maja.heading("You denied")
