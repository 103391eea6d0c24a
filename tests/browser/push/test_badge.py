"""The number on the icon of the installed page is what waits for its person, also while the page is closed."""

from __future__ import annotations

import asyncio

from tests.browser.hub import ask
from tests.browser.push.scene import Told

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
