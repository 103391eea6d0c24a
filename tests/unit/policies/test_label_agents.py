"""What the organisation says of an agent."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Forbidden, Invalid, NotFound
from approvals_hub.policies.label_agents import Labels
from tests.unit.hub_fixture import StaffedHub

PLAIN: dict[str, Any] = {"teams": [], "project": None, "environment": None}


async def test_an_agent_of_which_nothing_is_said_has_no_labels(house: StaffedHub) -> None:
    assert await house.hub.policies.label_agents.read(house.operator, house.bot.agent_id) == Labels()


async def test_labels_are_replaced_whole_and_recorded(house: StaffedHub) -> None:
    label = house.hub.policies.label_agents
    await label(house.operator, house.bot.agent_id, teams=["web", "ops", "web"], project="shop", environment="prod")
    made = await label(house.operator, house.bot.agent_id, teams=["ops"], project=None, environment="prod")
    assert made == Labels(("ops",), None, "prod") == await label.read(house.operator, house.bot.agent_id)
    assert [(entry["agent_id"], entry["detail"]) for entry in await house.events("agent.labelled")] == [
        (house.bot.agent_id, {"teams": ["ops", "web"], "project": "shop", "environment": "prod"}),
        (house.bot.agent_id, {"teams": ["ops"], "project": None, "environment": "prod"}),
    ]


async def test_the_same_labels_again_are_no_change(house: StaffedHub) -> None:
    for _ in range(2):
        await house.hub.policies.label_agents(house.operator, house.bot.agent_id, **{**PLAIN, "project": "shop"})
    assert len(await house.events("agent.labelled")) == 1


async def test_a_stolen_session_moves_no_agent_to_an_easier_policy(house: StaffedHub) -> None:
    with pytest.raises(Forbidden):
        await house.hub.policies.label_agents(
            house.owner.credential, house.bot.agent_id, **{**PLAIN, "environment": "dev"}
        )
    made = await house.hub.policies.label_agents(
        house.owner.credential,
        house.bot.agent_id,
        **{**PLAIN, "environment": "dev"},
        fresh=await house.owner.fresh(),
    )
    assert made.environment == "dev"


@pytest.mark.parametrize("role", ["approver", "auditor", "developer"])
async def test_only_who_governs_agents_labels_them(house: StaffedHub, role: str) -> None:
    ada = await house.person("Ada", role)
    with pytest.raises(Forbidden):
        await house.hub.policies.label_agents(ada.credential, house.bot.agent_id, **PLAIN, fresh=await ada.fresh())


async def test_an_agent_of_another_organisation_is_not_there(house: StaffedHub) -> None:
    await house.change("UPDATE agents SET org_id = 'org_other' WHERE id = :id", id=house.bot.agent_id)
    with pytest.raises(NotFound):
        await house.hub.policies.label_agents.read(house.operator, house.bot.agent_id)
    with pytest.raises(NotFound):
        await house.hub.policies.label_agents(house.operator, house.bot.agent_id, **PLAIN)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"teams": ["web", "Not A Team"]}, "$.teams[1]"),
        ({"teams": [f"t{number}" for number in range(21)]}, "$.teams"),
        ({"project": "Shop!"}, "$.project"),
        ({"environment": ""}, "$.environment"),
    ],
)
async def test_labels_that_are_none_are_refused_with_their_field(
    house: StaffedHub, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.hub.policies.label_agents(house.operator, house.bot.agent_id, **{**PLAIN, **changes})
    assert refused.value.field == field
