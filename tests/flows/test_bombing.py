"""Push bombing: one agent asks a thousand times within a minute, and one person's phone and inbox bear it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from approvals_hub.domain.allowance import Limits
from approvals_hub_client.errors import Refused
from tests.flows.conftest import url_of
from tests.flows.reach_scene import Reachable, reachable
from tests.flows.several import answers

REQUESTS, SAME = 1_000, 100
"""Each tenth request asks the very same as the first one did."""
HANDS = 8
PATIENCE = 15.0
"""Seconds: less than the hub tells them to wait, so that they do not."""


async def test_a_thousand_requests_in_a_minute_are_no_more_pushes_than_the_limit_and_the_inbox_can_be_used(
    sqlite_path: Path, tmp_path: Path
) -> None:
    async with reachable(url_of(sqlite_path), tmp_path) as scene:
        ada = await scene.world.person("Ada")
        await scene.browser("ada", by=ada)
        await scene.settle()
        scene.vendors.push.arrived.clear()
        began = scene.world.hub.clock.now()
        first = await scene.ask()
        found = await bomb(scene, {name: value for name, value in first.action.items() if name != "salt"})
        came_back = (scene.world.hub.clock.now() - began) // Limits().pair.each
        opened = found["opened"] + 1
        assert found["repeated"] == SAME
        assert found["asked_too_often"] == REQUESTS - SAME - found["opened"]
        assert Limits().pair.burst <= opened <= Limits().pair.burst + came_back
        await scene.settle()
        # Each question is heard of once, however often it was repeated.
        assert len(scene.vendors.push.arrived) == opened
        inbox = (await ada.inbox())["items"]
        assert len(inbox) == opened
        assert [one["repeats"] for one in inbox if one["escalation_id"] == first.escalation_id] == [SAME]
        assert await answers(ada, first) == "approved"
        other = next(one for one in inbox if one["escalation_id"] != first.escalation_id)
        assert (await ada.answer(other["escalation_id"], "deny"))["status"] == "denied"
        assert len((await ada.inbox())["items"]) == opened - 2


async def bomb(scene: Reachable, first: dict[str, object]) -> Counter[str]:
    """What came of each request."""
    todo = iter(range(REQUESTS))

    async def hand() -> Counter[str]:
        return Counter([await send(scene, first, number) for number in todo])

    return sum(await asyncio.gather(*(hand() for _ in range(HANDS))), Counter())


async def send(scene: Reachable, first: dict[str, object], number: int) -> str:
    """Ask once."""
    other = {} if number % (REQUESTS // SAME) == 0 else {"action_id": f"a{number}", "payload": {"n": number}}
    ask = scene.bot.transport.call
    try:
        view = await ask(
            "POST",
            "/v1/escalations",
            body={"action": {**first, **other}},
            idempotency_key=f"k{number}",
            within=PATIENCE,
        )
    except Refused as refusal:
        return refusal.code if refusal.status == 429 and refusal.retry_after else "another refusal"
    return "repeated" if view["repeated"] else "opened"
