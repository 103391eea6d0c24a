"""The number on the icon of the installed page, also while it is closed, and the buttons of a notification."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import expect

from tests.browser.hub import ask
from tests.browser.push.scene import Told, message

LISTEN = """() => {
  globalThis.badges = []
  navigator.setAppBadge = async (number) => void badges.push(number)
  navigator.clearAppBadge = async () => void badges.push(0)
}"""


async def test_the_worker_keeps_the_number_of_what_waits_while_no_page_is_open(told: Told) -> None:
    await told.turn_on()
    agent = await told.hub.agent()
    question = await ask(agent)
    arrived = await told.arrival(lambda one: question.escalation_id in one.body["notification"]["navigate"])
    await told.leave()
    # Chromium without a window has no icon to show it on.
    await told.worker().evaluate(LISTEN)
    for waiting in (1, 0):
        if not waiting:
            await agent.withdraw(question)
        await told.deliver_unseen(arrived.body)
        async with asyncio.timeout(15):
            while (await told.worker().evaluate("badges"))[-1:] != [waiting]:
                await asyncio.sleep(0.02)


async def answers(told: Told) -> list[tuple[str, str]]:
    """What the phone's owner has answered since the tests of this file began, as far as it was denied."""

    async def work(tx: Any) -> Any:
        return await tx.rows("SELECT escalation_id, decision FROM decisions WHERE decision = 'deny'")

    return [(row["escalation_id"], row["decision"]) for row in await told.hub.hub.db.read(work)]


async def test_a_press_on_deny_leads_to_the_open_sheet_and_one_more_press_there_signs_the_denial(told: Told) -> None:
    await told.turn_on()
    question, arrived = await told.asked()
    assert [one["navigate"].removeprefix(told.phone.url) for one in arrived.body["notification"]["actions"]] == [
        f"/app/escalations/{question.escalation_id}",
        f"/app/escalations/{question.escalation_id}/denial",
    ]
    [shown] = await told.deliver(arrived.body)
    await told.acknowledged(arrived.id, "delivered")
    assert await told.press(shown["tag"], "deny") == {"opened": [], "focused": ["/app/devices"]}
    sheet = told.phone.sheet
    await expect(sheet.get_by_text("prod-eu-1").first).to_be_visible()
    await told.acknowledged(arrived.id, "delivered", "opened")
    assert await answers(told) == []
    await sheet.get_by_role("button", name="Deny").click()
    await told.phone.heading("You denied")
    assert await answers(told) == [(question.escalation_id, "deny")]


async def test_buttons_of_a_message_that_this_page_does_not_know_are_not_shown_and_lead_nowhere(told: Told) -> None:
    await told.open("/app/decisions")
    evil = {"action": "deny", "title": "Deny", "navigate": "https://evil.example/"}
    attacks: list[tuple[Any, list[str]]] = [
        ([{"action": "approve", "title": "Approve", "navigate": f"{told.phone.url}/app/"}], ["open"]),
        ([{"action": "constructor", "title": "x"}, {"action": "deny", "title": " "}, {"action": 7}], ["open"]),
        ("deny", ["open"]),
        ([evil, {"action": "review", "title": "r" * 900}], ["deny", "review"]),
    ]
    for number, (actions, kept) in enumerate(attacks):
        shown = {one["tag"]: one for one in await told.deliver(message(told, actions=actions, tag=f"t{number}"))}
        assert [one["action"] for one in shown[f"t{number}"]["actions"]] == kept, actions
        assert max(len(one["title"]) for one in shown[f"t{number}"]["actions"]) <= 40
    over = message(told, "notice", actions=[evil], tag="over")
    assert [one["actions"][0]["action"] for one in await told.deliver(over) if one["tag"] == "over"] == ["open"]
    await told.leave()
    leads = {"opened": ["/app/escalations/esc_1/denial"], "focused": []}
    assert await told.press("t3", "deny") == leads
    assert await told.press("over", "deny") == {"opened": ["/app/escalations/esc_1"], "focused": []}
