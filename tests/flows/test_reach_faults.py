"""What may go wrong between a question and a phone: vendors, addresses, processes.

Each vendor in each trouble: test_fault_matrix.py. Hubs that are killed: test_reach_killed.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.db.database import Row
from approvals_hub.notifications.dispatch import LEASE
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import add
from tests.flows.reach_scene import TOKEN, Reachable, reachable


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Reachable]:
    async with reachable(url_of(database_place), tmp_path) as found:
        yield found


async def ready(scene: Reachable) -> None:
    """The owner's browser is told, and nothing waits."""
    await scene.browser()
    await scene.settle()
    scene.vendors.push.arrived.clear()
    scene.vendors.push.asked.clear()


@pytest.mark.parametrize(("trouble", "early", "late"), [(Trouble.BROKEN, 9, 2), (Trouble.THROTTLED, 22, 2)])
async def test_a_vendor_in_trouble_is_asked_again_in_time_and_the_question_arrives(
    scene: Reachable, trouble: Trouble, early: int, late: int
) -> None:
    await ready(scene)
    with scene.vendors.push.plays(trouble):
        question = await scene.ask()
        await scene.settle()
    scene.world.time.pass_seconds(early)
    await scene.settle()
    assert scene.vendors.push.arrived == []
    scene.world.time.pass_seconds(late)
    await scene.settle()
    [arrived] = scene.vendors.push.arrived
    [telling] = await scene.tellings(question)
    assert (arrived.id, telling["state"], telling["attempts"]) == (telling["id"], "sent", 2)
    assert [attempt["status"] for attempt in await scene.attempts(question)] == ["later", "delivered"]


async def test_a_dead_address_delays_no_other_and_is_forgotten(scene: Reachable) -> None:
    ada, bo = await scene.world.person("Ada"), await scene.world.person("Bo")
    await scene.browser("dead", kept=False, by=ada)
    await scene.browser("live", by=bo)
    await scene.settle()
    await scene.browser("dead_anew", kept=False, by=ada)
    scene.vendors.push.arrived.clear()
    question = await scene.ask()
    await scene.settle()
    assert len(scene.vendors.push.arrived) == 1
    assert sorted(telling["state"] for telling in await scene.tellings(question)) == ["failed", "sent"]
    again = await scene.ask()
    await scene.settle()
    assert [telling["state"] for telling in await scene.tellings(again)] == ["sent"]


async def test_an_address_that_hangs_delays_no_other_channel(scene: Reachable) -> None:
    await ready(scene)
    await scene.link("email_otp")
    await scene.settle()
    scene.vendors.mails.arrived.clear()
    with scene.vendors.push.plays(Trouble.SILENT):
        scene.vendors.push.asked.clear()
        question = await scene.ask()
        reach = scene.world.hub.reach
        await reach()
        await reach()
        await asyncio.wait_for(scene.vendors.push.asked.wait(), 10)
        scene.world.time.pass_seconds(61)
        async with asyncio.timeout(10):
            while not any(question.escalation_id in each.text for each in scene.vendors.mails.arrived):
                await reach()
                await asyncio.sleep(0.01)
        await reach.dispatch.stop()


async def test_whoever_dies_while_sending_has_it_sent_by_the_next_with_the_same_id(scene: Reachable) -> None:
    await ready(scene)
    reach = scene.world.hub.reach
    with scene.vendors.push.plays(Trouble.SILENT):
        question = await scene.ask()
        await reach()
        await reach()
        await asyncio.wait_for(scene.vendors.push.asked.wait(), 10)
        await reach.dispatch.stop()
    [lost] = await scene.tellings(question)
    assert (lost["state"], lost["attempts"]) == ("waiting", 1)
    await scene.settle()
    assert scene.vendors.push.arrived == []
    scene.world.time.pass_seconds(LEASE / 1000 + 1)
    await scene.settle()
    [arrived] = scene.vendors.push.arrived
    assert arrived.id == lost["id"]


async def test_two_processes_send_once(postgres_uri: str, tmp_path: Path) -> None:
    async with reachable(postgres_uri, tmp_path) as scene:
        await ready(scene)
        async with OpenHub(scene.world.place, scene.world.time.clock()) as second:
            questions = [await scene.ask() for _ in range(20)]
            await asyncio.gather(scene.settle(), second.reach.settled())
            await asyncio.gather(scene.settle(), second.reach.settled())
        told = [arrived.id for arrived in scene.vendors.push.arrived]
        assert (len(told), len(set(told))) == (len(questions), len(questions))


async def test_a_channel_that_takes_nothing_is_left_alone_and_tried_again(scene: Reachable) -> None:
    await ready(scene)
    with scene.vendors.push.plays(Trouble.BROKEN):
        questions = [await scene.ask() for _ in range(5)]
        await scene.settle()
        tried = len(scene.vendors.push.seen)
        await scene.ask()
        await scene.settle()
        assert len(scene.vendors.push.seen) == tried
    for _ in range(4):
        scene.world.time.pass_seconds(12)
        await scene.settle()
    assert [(await scene.tellings(question))[0]["state"] for question in questions] == ["sent"] * 5


async def test_tokens_that_a_developer_made_up_stop_nobody_elses_phone(scene: Reachable) -> None:
    mallory, bo = await scene.world.person("Mallory", "developer"), await scene.world.person("Bo")
    await scene.register("iphone", {"token": TOKEN}, by=bo)
    for n in range(5):
        token = {"token": f"{n:02x}" * 32, "registered_at": 1}
        await add(scene, mallory, "iphone", json.dumps(token), source=f"dev_{n}")
    await scene.settle()
    scene.vendors.apple.arrived.clear()
    question = await scene.ask()
    await scene.settle()
    assert len(scene.vendors.apple.arrived) == 1
    assert [(row["state"], row["attempts"]) for row in await scene.tellings(question)] == [("sent", 1)]
    tried = [row for row in await _of_channel(scene) if row["person_id"] == mallory.person_id]
    assert len(tried) >= 5, "news of her own went to each of them"
    assert {row["status"] for row in tried} == {"refused"}
    assert len({row["telling_id"] for row in tried}) == len(tried), "none is tried again"
    path = f"/v1/orgs/{scene.world.org_id}/channels/iphone"
    health = (await scene.world.owner.call("GET", path))["health"]
    assert (health["works"], health["last_error"]["status"], health["left_alone_until"]) == (True, "refused", None)


async def test_a_topic_that_is_wrong_for_every_device_shows_as_a_channel_that_does_not_work(scene: Reachable) -> None:
    ada, bo = await scene.world.person("Ada"), await scene.world.person("Bo")
    for n, person in enumerate((ada, bo)):
        await scene.register("iphone", {"token": f"{n + 1:02x}" * 32}, by=person)
    await scene.settle()
    question = await scene.ask()
    await scene.settle()
    assert {row["status"] for row in await scene.attempts(question)} == {"refused"}
    path = f"/v1/orgs/{scene.world.org_id}/channels/iphone"
    health = (await scene.world.owner.call("GET", path))["health"]
    assert (health["works"], health["last_error"]["status"]) == (False, "refused")


async def _of_channel(scene: Reachable) -> list[Row]:
    """The delivery log of the iPhones."""
    text = "SELECT person_id, telling_id, status FROM delivery_attempts WHERE channel = 'iphone'"
    return await scene.world.hub.db.read(lambda tx: tx.rows(text))
