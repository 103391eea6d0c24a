"""A monitor sets and clears its signals with the client; what is no answer about them is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from approvals_hub_client import AsyncHub, BadAnswer, Hub, Refused
from approvals_hub_client.registration import register
from tests.fakes.line import Line
from tests.unit.desk import Desk


async def test_a_monitor_with_its_own_key_sets_and_clears_what_names_it(desk: Desk, line: Line, tmp_path: Path) -> None:
    world = desk.world
    invited = await world.hub.invite_agent(world.operator, world.org_id, name="probe", role="monitor")
    credential = await register(desk.url, invited.token, tmp_path / "probe.json")
    await world.hub.policies.signals.declare(world.operator, "incident", "Users see errors", [credential.agent_id])
    async with AsyncHub(credential) as probe:
        made = await probe.set_signal("incident", "5xx", lasts=600)
        assert (made.name, made.about, made.set, made.until is not None) == ("incident", "Users see errors", True, True)
        assert await probe.signals() == [made]
        assert (await probe.clear_signal("incident")) == replace(made, set=False, until=None)
        with pytest.raises(Refused) as refused:
            await probe.set_signal("change_freeze", "x", lasts=600)
        assert refused.value.code == "signal_not_yours"
        line.alter = lambda answer: {"items": [{"name": "incident"}], "name": 1}
        for call in (probe.signals(), probe.clear_signal("incident")):
            with pytest.raises(BadAnswer):
                await call
        line.alter = None

    def at_once() -> bool:
        with Hub(credential) as hub:
            return hub.set_signal("incident", "5xx", lasts=600).set and not hub.clear_signal("incident").set

    assert await asyncio.to_thread(at_once)
