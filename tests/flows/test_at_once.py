"""A question is at the vendor within a second, by what runs by itself; and what a flood of them makes of that."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.workers import Workers
from tests.flows.conftest import url_of
from tests.flows.reach_scene import PAYLOAD, Reachable, reachable
from tests.flows.signed import proven

TIMES, AT_ONCE, CAP = 200, 8, 10
"""How often an agent asks that wears people down, on how many connections, and how often one person is asked by it."""
LIMIT = 1.0
"""Seconds from the question to the bytes at the vendor."""


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[tuple[Reachable, SoftwarePhone]]:
    """Bo's browser takes push messages; everything runs that runs in a hub."""
    async with reachable(url_of(database_place), tmp_path) as found:
        bo = await found.world.person("Bo")
        await found.browser("bo", by=bo)
        await found.settle()
        found.vendors.push.arrived.clear()
        workers = Workers(found.world.hub)
        workers.start()
        yield found, bo
        await workers.stop()


async def test_a_question_is_at_the_push_service_within_a_second(scene: tuple[Reachable, SoftwarePhone]) -> None:
    hub, _ = scene
    push = hub.vendors.push
    for times in (1, 2):  # the second time whoever tells people has gone to sleep
        push.asked.clear()
        async with asyncio.timeout(LIMIT):
            question = await hub.ask()
            await push.asked.wait()
        assert len(push.arrived) == times
        assert f"/app/escalations/{question.escalation_id}" in push.arrived[-1].body["notification"]["navigate"]


async def test_a_flood_of_questions_rings_no_oftener_than_its_limit_while_the_inbox_holds_all_and_answers_work(
    scene: tuple[Reachable, SoftwarePhone],
) -> None:
    hub, bo = scene
    limits = {"pair": {"burst": CAP, "hourly": 1}}
    path = f"/v1/orgs/{hub.world.org_id}/limits"
    assert (await hub.world.send("PUT", path, by=hub.world.owner, body=limits)).status == 200
    first = await hub.ask()
    numbers, given = count(), Counter[str]()
    half, answered = asyncio.Event(), asyncio.Event()

    async def flood(http: aiohttp.ClientSession) -> None:
        """Every request is another question, signed once and sent once: whoever attacks does not wait as told."""
        for number in numbers:
            if number >= TIMES and answered.is_set():
                return
            action = {**first.action, "action_id": f"another-{number}", "payload": {"note": PAYLOAD, "n": number}}
            body = {"action": {name: value for name, value in action.items() if name != "salt"}}
            headers, raw = proven(hub.bot.credential, "POST", "/v1/escalations", body, f"flood-{number}")
            async with http.post("/v1/escalations", data=raw, headers=headers) as response:
                given[str((await response.json()).get("code", response.status))] += 1
                if response.status == 429:
                    assert int(response.headers["Retry-After"]) > 0
            if given.total() >= TIMES // 2:
                half.set()

    async with aiohttp.ClientSession(hub.world.base_url) as http, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(flood(http))
        await half.wait()
        assert (await bo.answer(first.escalation_id, "deny"))["status"] == "denied"
        answered.set()
    assert given.total() >= TIMES
    assert given == {"201": CAP - 1, "asked_too_often": given.total() - CAP + 1}
    await hub.settle()
    rung = [each.body["notification"] for each in hub.vendors.push.arrived]
    opened = {each["navigate"] for each in rung}
    assert len(rung) <= CAP + 1, "each question once, and the end of the one that was answered"
    items = (await bo.inbox())["items"]
    assert len(items) == CAP - 1
    assert {f"{hub.world.base_url}/app/escalations/{item['escalation_id']}" for item in items} <= opened
