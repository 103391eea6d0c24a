"""Who is woken in their quiet hours, over HTTP: for what an organisation calls critical, not for what agents do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from approvals_hub.routing.wall_clock import WEEKDAYS
from tests.flows.conftest import url_of
from tests.flows.reach_scene import TOKEN, Reachable, reachable

CRITICAL = """
version: 1
policy: critical
default: require_approval
rules:
  - id: drop
    effect: allow
    action: db.drop
    approval: {risk: critical}
"""


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Reachable]:
    """Bo has an iPhone and sleeps now."""
    async with reachable(url_of(database_place), tmp_path) as found:
        bo = await found.world.person("Bo")
        await found.register("iphone", {"token": TOKEN}, by=bo)
        hour = datetime.fromtimestamp(found.world.time.clock().now() / 1000, UTC).hour
        span = {"days": list(WEEKDAYS), "from": f"{(hour - 1) % 24:02d}:00", "to": f"{(hour + 2) % 24:02d}:00"}
        await bo.call("PUT", "/v1/quiet-hours", {"zone": "UTC", "spans": [span], "fresh": await bo.fresh()})
        await found.settle()
        found.vendors.apple.arrived.clear()
        yield found


async def test_an_agent_that_calls_its_own_question_critical_wakes_nobody_and_what_a_policy_calls_so_does(
    scene: Reachable,
) -> None:
    question = await scene.ask(requirement={"risk": "critical"})
    await scene.settle()
    assert (await scene.view(question))["risk"] == "critical", "it is answered as strictly as the agent asks"
    assert scene.vendors.apple.arrived == []
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    await owner.call("PUT", f"{org}/policies/critical", {"yaml": CRITICAL, "fresh": await owner.fresh()})
    await scene.ask()
    await scene.settle()
    assert len(scene.vendors.apple.arrived) == 1


async def test_what_the_organisation_calls_critical_of_every_question_is_told_at_night(scene: Reachable) -> None:
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    body = {"risk": "critical", "fresh": await owner.fresh()}
    await owner.call("PUT", f"{org}/requirement", body)
    await scene.ask()
    await scene.settle()
    assert len(scene.vendors.apple.arrived) == 1
