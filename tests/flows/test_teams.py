"""Teams and projects over HTTP: what agents carry chooses the policy, whom it asks, and who is told on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub_client import AsyncHub, NotAllowed
from approvals_hub_client.authorization import PeopleAsked
from tests.flows.conftest import url_of
from tests.flows.reach_scene import FID, TOKEN, Reachable, reachable

POLICY = """
version: 1
default: deny
rules:
  - id: payments
    effect: allow
    action: db.drop
    where: {team: payments}
    approval: {quorum: {of: ["group:payments"]}, route: payments}
  - id: data
    effect: allow
    action: db.drop
    where: {team: data, project: warehouse}
    approval: {quorum: {of: ["group:data"]}, route: data}
"""


@dataclass
class Town:
    """A hub with two teams, and who answers for each."""

    scene: Reachable
    people: dict[str, SoftwarePhone]


@pytest.fixture
async def town(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Town]:
    """Ada answers for payments on her iPhone, Bo for data on his Android phone."""
    async with reachable(url_of(database_place), tmp_path) as found:
        world, org, people = found.world, f"/v1/orgs/{found.world.org_id}", {}
        for team, channel, address in (("payments", "iphone", {"token": TOKEN}), ("data", "android", {"fid": FID})):
            person = people[team] = await world.person(team)
            await found.register(channel, address, by=person)
            group = f"group: {team}\nmembers: [{person.person_id}]\n"
            level = f"groups: [{team}], channels: [{channel}], next_after: 5m"
            route = f"route: {team}\nlevels:\n  - {{{level}}}\nthen: deny\n"
            for kind, text in (("groups", group), ("routes", route)):
                await world.owner.call("PUT", f"{org}/{kind}/{team}", {"yaml": text, "version": 0})
        body = {"yaml": POLICY, "fresh": await world.owner.fresh()}
        await world.owner.call("PUT", f"{org}/policies/teams", body)
        await found.settle()
        found.vendors.apple.arrived.clear()
        found.vendors.google.arrived.clear()
        yield Town(found, people)


async def labelled(scene: Reachable, agent: AsyncHub, **labels: object) -> AsyncHub:
    """The owner says to which team the agent belongs, and in which project it works."""
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    path = f"{org}/agents/{agent.credential.agent_id}/labels"
    await owner.call("PUT", path, {**labels, "fresh": await owner.fresh()})
    return agent


async def test_each_team_and_project_has_its_own_rule_people_and_route_and_no_agent_chooses_its_own(
    town: Town,
) -> None:
    scene, world, vendors = town.scene, town.scene.world, town.scene.vendors
    pays = await labelled(scene, scene.bot, teams=["payments"])
    loads = await labelled(scene, await world.agent("loads"), teams=["data"], project="warehouse")
    for agent, told, other, answers, does_not in (
        (pays, vendors.apple, vendors.google, "payments", "data"),
        (loads, vendors.google, vendors.apple, "data", "payments"),
    ):
        with pytest.raises(PeopleAsked) as asked:
            await agent.authorize("db.drop", {"table": "t"})
        await scene.settle()
        assert (len(told.arrived), len(other.arrived)) == (1, 0)
        assert (await town.people[does_not].inbox())["items"] == []
        await town.people[answers].answer(asked.value.question.escalation_id, "approve")
        proof = (await agent.redeem(await agent.wait(asked.value.question))).proof
        assert proof["matched_rule_id"] == answers
        await scene.settle()
        told.arrived.clear()

    # Another project of the same team, and an agent that says its team itself.
    elsewhere = await labelled(scene, await world.agent("elsewhere"), teams=["data"], project="website")
    for agent in (elsewhere, await world.agent("stray")):
        with pytest.raises(NotAllowed):
            await agent.authorize("db.drop", {"team": "payments", "project": "warehouse"})
    await scene.settle()
    assert vendors.apple.arrived == vendors.google.arrived == []
