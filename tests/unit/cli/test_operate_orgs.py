"""The operator's commands about organisations are in the one table, and do what they say."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.cli.operate import COMMANDS, carry_out
from approvals_hub.cli.operate_orgs import ORGS
from tests.unit.hub_fixture import StaffedHub
from tests.unit.two_orgs import Second, second_org


@pytest.mark.parametrize("command", ORGS)
def test_the_table_has_every_command(command: str) -> None:
    assert COMMANDS[command] == ORGS[command]


async def test_an_organisation_is_made_its_owner_let_in_by_key_or_by_joining_and_removed(house: StaffedHub) -> None:
    async def run(command: str, **given: Any) -> Any:
        return await carry_out(house.hub, command, given)

    made = await run("orgs.create", name="Second", owner_name="Siv")
    org = made["org_id"]
    other = StaffedHub(house.hub, house.place, house.time, org, house._resources)
    enrolled, _, siv = await other.enrol(made["token"])
    [key] = (await run("people.pending", org=org))["items"]
    assert (key["id"], key["kind"], key["digits"]) == (enrolled.device.device_id, "a new key", enrolled.digits)
    assert (await run("people.confirm", org=org, waiting_id=key["id"], digits=key["digits"]))["person_id"] == siv

    ada = await house.person("Ada")
    joining = await Second(other, house.owner).asks(ada, await Second(other, house.owner).invited("Guest"))
    [waiting] = (await run("people.pending", org=org))["items"]
    assert (waiting["id"], waiting["person_id"]) == (joining.joining_id, ada.person_id)
    await run("people.confirm", org=org, waiting_id=waiting["id"], digits=joining.digits)
    listed = {each["org_id"]: each for each in (await run("orgs.list"))["items"]}
    assert (listed[org]["name"], listed[org]["members"], listed[org]["made_by"]) == ("Second", 2, "operator")
    assert await run("people.remove", org=org, person_id=ada.person_id) == {"person_id": ada.person_id, "org_id": org}
    assert {each["members"] for each in (await run("orgs.list"))["items"] if each["org_id"] == org} == {1}


async def test_the_second_organisation_of_a_test_is_as_the_command_makes_it(house: StaffedHub) -> None:
    assert (await second_org(house)).org_id in {
        each["org_id"] for each in (await carry_out(house.hub, "orgs.list", {}))["items"]
    }  # type: ignore[index]
