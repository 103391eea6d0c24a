"""The operator's table of commands, on an open hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from approvals_hub.cli.opening import locked, opened
from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.config import Settings
from approvals_hub.core.errors import Conflict, Invalid, NotFound
from approvals_hub.hub import Hub
from approvals_hub.people.acting import OperatorCredential


@pytest.fixture
async def hub(settings: Settings) -> AsyncIterator[Hub]:
    async with locked(settings), opened(settings) as hub:
        yield hub


async def told(hub: Hub, command: str, **arguments: Any) -> dict[str, Any]:
    answer = await carry_out(hub, command, arguments)
    assert isinstance(answer, dict)
    return answer


async def test_an_unknown_command_is_refused(hub: Hub) -> None:
    with pytest.raises(Invalid) as refusal:
        await carry_out(hub, "hub.explode", {})
    assert refusal.value.code == "command_unknown"


@pytest.mark.parametrize("command", COMMANDS)
async def test_an_unknown_argument_is_refused(hub: Hub, command: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await carry_out(hub, command, {"surprise": 1})
    assert refusal.value.code == "argument_wrong"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("agents.invite", {"name": 1}),
        ("agents.invite", {"name": "bot", "expires_in": "60"}),
        ("agents.pause", {}),
        ("people.invite", {"roles": "owner"}),
        ("audit.export", {"format": "exe"}),
        ("audit.export", {"filter": {"surprise": 1}}),
    ],
)
async def test_an_argument_of_another_type_is_refused(hub: Hub, command: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await carry_out(hub, command, arguments)


async def test_an_agent_is_invited_and_told_its_hub(hub: Hub) -> None:
    invited = await told(hub, "agents.invite", name="bot", role="ci", expires_in=60)
    assert invited["invite"].startswith("inv_")
    assert invited["hub"] == hub.public_url


async def test_an_agent_pauses_resumes_and_ends(hub: Hub) -> None:
    agent = await told(hub, "agents.api_key", name="tool")
    states = [
        (await told(hub, command, agent_id=agent["agent_id"]))["state"]
        for command in ("agents.pause", "agents.pause", "agents.resume", "agents.revoke", "agents.revoke")
    ]
    assert states == ["paused", "paused", "active", "revoked", "revoked"]
    with pytest.raises(Conflict):
        await told(hub, "agents.resume", agent_id=agent["agent_id"])
    assert "api_key" not in str((await told(hub, "agents.list"))["items"])


async def test_a_person_is_invited_disabled_and_enabled(hub: Hub) -> None:
    eva = await told(hub, "people.invite", name="Eva", roles=["approver", "auditor"])
    assert (await told(hub, "people.disable", person_id=eva["person_id"]))["state"] == "disabled"
    people = {person["name"]: person for person in (await told(hub, "people.list"))["items"]}
    assert (people["Eva"]["state"], people["Eva"]["roles"]) == ("disabled", ["approver", "auditor"])
    assert (await told(hub, "people.enable", person_id=eva["person_id"]))["state"] == "active"
    again = await told(hub, "people.invite", person_id=eva["person_id"])
    assert again["person_id"] == eva["person_id"]


async def test_the_only_owner_cannot_be_disabled(hub: Hub) -> None:
    [owner] = (await told(hub, "people.list"))["items"]
    with pytest.raises(Conflict):
        await told(hub, "people.disable", person_id=owner["person_id"])


async def test_everything_stops_and_goes_on(hub: Hub) -> None:
    assert (await told(hub, "org.stop"))["state"] == "stopped"
    assert (await told(hub, "org.stop"))["ended"] == 0
    assert (await told(hub, "org.resume"))["state"] == "active"


async def test_what_is_asked_of_new_questions_is_set_whole_and_checked(hub: Hub) -> None:
    org_id = (await told(hub, "org.requirement", requirement={"min_assurance": "SUBSTANTIAL"}))["org_id"]
    assert (await hub.set_requirement.present(OperatorCredential(org_id))).min_assurance == "SUBSTANTIAL"
    with pytest.raises(Invalid):
        await told(hub, "org.requirement", requirement={"methods": ["tarot"]})


async def test_a_new_set_up_link_takes_the_place_of_the_old_one(hub: Hub) -> None:
    first, second = await told(hub, "hub.set_up"), await told(hub, "hub.set_up")
    assert first["token"] != second["token"]
    assert first["person_id"] == second["person_id"]


async def test_another_organisation_is_named_or_refused(hub: Hub) -> None:
    with pytest.raises(NotFound, match="which organisation"):
        await told(hub, "people.list", org="org_none")
