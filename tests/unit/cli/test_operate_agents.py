"""The operator's commands that let agents in are in the one table, and do what they say."""

from __future__ import annotations

import pytest

from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.cli.operate_agents import AGENTS
from approvals_hub.core.errors import Invalid
from tests.unit.hub_fixture import PUBLIC_URL, StaffedHub


@pytest.mark.parametrize("command", AGENTS)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == AGENTS[command]


async def test_an_invitation_has_a_link_where_it_is_for_an_openleash_agent(house: StaffedHub) -> None:
    plain = await carry_out(house.hub, "agents.invite", {"name": "bot"})
    assert isinstance(plain, dict)
    assert "openleash_url" not in plain
    made = await carry_out(house.hub, "agents.invite", {"name": "bot", "openleash": {"agent_id": "shopper"}})
    assert isinstance(made, dict)
    link = f"{PUBLIC_URL}/v1/agents/register-with-invite?invite_id={made['invite_id']}&invite_token={made['invite']}"
    assert made["openleash_url"] == link


async def test_what_is_no_key_is_refused(house: StaffedHub) -> None:
    for openleash in ({"public_key": "AAAA"}, {"key": "x"}):
        with pytest.raises(Invalid):
            await carry_out(house.hub, "agents.invite", {"name": "bot", "openleash": openleash})


async def test_an_api_key_is_shown_once(house: StaffedHub) -> None:
    made = await carry_out(house.hub, "agents.api_key", {"name": "script"})
    assert isinstance(made, dict)
    assert made["api_key"].startswith("ahk_")
