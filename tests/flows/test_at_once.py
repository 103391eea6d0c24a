"""A question is at the vendor within a second, by what runs by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.workers import Workers
from tests.flows.conftest import url_of
from tests.flows.reach_scene import Reachable, reachable

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
    for count in (1, 2):  # the second time whoever tells people has gone to sleep
        push.asked.clear()
        async with asyncio.timeout(LIMIT):
            question = await hub.ask()
            await push.asked.wait()
        assert len(push.arrived) == count
        assert f"/app/escalations/{question.escalation_id}" in push.arrived[-1].body["notification"]["navigate"]
