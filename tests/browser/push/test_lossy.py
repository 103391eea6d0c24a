"""A push service that loses, doubles and mixes up what it carries: each question is seen once, and none is lost."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.hub import ask
from tests.browser.push.scene import Told
from tests.fakes.trouble import Arrival

ASKED, OVER = 9, 3
"""How many questions are asked, and how many of them end before anything of them arrives."""
SHARE = 0.3
"""Of what is carried, so much is lost, and so much of the rest comes twice."""


def lossy(sent: list[Arrival], chance: Random) -> list[Arrival]:
    """What arrives of it, in which order."""
    kept = [one for one in sent if chance.random() >= SHARE]
    twice = [one for one in kept if chance.random() < SHARE]
    arriving = [*kept, *twice]
    chance.shuffle(arriving)
    return arriving


def of(arrival: Arrival) -> tuple[str, bool]:
    """The question that a message is about, and whether it asks."""
    shown = arrival.body["notification"]
    return shown["tag"], shown["data"]["category"] == "approval"


@pytest.mark.parametrize("seed", [38])
async def test_every_question_is_seen_once_though_pushes_are_lost_doubled_and_out_of_order(
    told: Told, seed: int
) -> None:
    await told.turn_on()
    agent = await told.hub.agent()
    asked = [await ask(agent) for _ in range(ASKED)]
    names = [one.escalation_id for one in asked]
    for question in asked:
        await told.arrival(lambda one, name=question.escalation_id: of(one) == (name, True))  # type: ignore[misc]
    for question in asked[:OVER]:
        await agent.withdraw(question)
        await told.arrival(lambda one, name=question.escalation_id: of(one) == (name, False))  # type: ignore[misc]
    sent = [one for one in told.service.arrived if of(one)[0] in names]
    arriving = lossy(sent, Random(seed))
    come = {of(one) for one in arriving}
    lost, doubled = len(sent) - len({one.id for one in arriving}), len(arriving) - len({one.id for one in arriving})
    assert min(lost, doubled) > 0, "there is something to see"
    assert [one.id for one in arriving] != sorted(one.id for one in arriving)
    # The page that is open takes away what is over when it hears of it: it has heard of everything before.
    await told.open("/app/")
    await told.phone.heading("Waiting for you")
    cards = told.phone.page.locator("main a[href*='/app/escalations/']")
    await expect(cards).to_have_count(ASKED - OVER, timeout=15_000)
    screen: list[dict[str, Any]] = []
    for one in arriving:
        screen = await told.deliver(one.body)
    tags = [one["tag"] for one in screen]
    assert sorted(tags) == sorted({name for name, _ in come}), "one for each question of which anything came"
    for one in screen:
        # That it is over stays, whichever came first.
        assert one["data"]["asks"] == ((one["tag"], False) not in come)
    found = await cards.evaluate_all("(all) => all.map((one) => one.getAttribute('href').split('/').at(-1))")
    assert sorted(found) == sorted(names[OVER:]), "what was lost on the way waits in the inbox all the same, once"
    for question in asked[OVER:]:
        await agent.withdraw(question)
