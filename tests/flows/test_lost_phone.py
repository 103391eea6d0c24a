"""A lost phone over real HTTP: the ways back, and what an attacker tries on them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from approvals_hub.cli.demo_phone import Refused, SoftwarePhone
from approvals_hub_client import NotAuthorised
from tests.flows.world import World

DAY = 86_400


@dataclass
class Town:
    """Four people who have been there for a day; Ada loses her phone."""

    world: World
    ada: SoftwarePhone
    bo: SoftwarePhone
    cy: SoftwarePhone

    async def later(self, seconds: float) -> None:
        """Time passes, the workers work, and everybody signs in again."""
        self.world.time.pass_seconds(seconds)
        await self.work()
        for phone in (self.world.owner, self.ada, self.bo, self.cy):
            await phone.sign_in()

    async def work(self) -> None:
        await self.world.hub.propose()
        await self.world.hub.carry_out()

    async def new_phone(self) -> SoftwarePhone:
        return await self.world._resources.enter_async_context(SoftwarePhone(self.world.base_url, name="New"))

    async def followed_link(self) -> SoftwarePhone:
        """The owner makes a link; somebody follows it and enrols a key; colleagues are asked."""
        owner = self.world.owner
        path = f"/v1/orgs/{self.world.org_id}/recoveries"
        made = await owner.call("POST", path, {"person_id": self.ada.person_id, "fresh": await owner.fresh()})
        phone = await self.new_phone()
        await phone.enrol(made["token"])
        await self.work()
        return phone


async def lost(world: World) -> Town:
    town = Town(world, *[await world.person(name) for name in ("Ada", "Bo", "Cy")])
    await town.later(DAY + 60)
    return town


async def asked_of(phone: SoftwarePhone) -> str:
    [card] = (await phone.inbox())["items"]
    assert card["action_type"] == "hub.device.recover"
    return str(card["escalation_id"])


async def test_colleagues_compare_the_digits_and_sign_and_a_day_later_the_new_phone_answers(world: World) -> None:
    town = await lost(world)
    phone = await town.followed_link()
    for colleague in (town.bo, town.cy):
        name = await asked_of(colleague)
        card = await colleague.call("GET", f"/v1/escalations/{name}/presentation")
        shown = {field["path"]: field["value"] for field in card["presentation"]["fields"]}
        assert shown["/payload/new_device/digits"] == phone.digits
        await colleague.answer(name, "approve")
    with pytest.raises(Refused, match="device_pending"):
        await phone.sign_in()
    await town.later(DAY)
    await phone.sign_in()
    devices = (await phone.call("GET", "/v1/devices"))["items"]
    assert [(device["state"], device["current"]) for device in devices] == [("active", False), ("active", True)]


async def test_a_code_on_paper_lets_a_new_phone_in_after_a_day_unless_the_old_one_says_no(world: World) -> None:
    town = await lost(world)
    codes = (await town.ada.call("POST", "/v1/recovery-codes", {"fresh": await town.ada.fresh()}))["codes"]
    phones = []
    for code in codes[:2]:
        phone = await town.new_phone()
        body = {"code": code, "person_id": town.ada.person_id, "transport": "bearer"}
        begun = await phone.call("POST", "/v1/recoveries", body, anonymous=True)
        phone._token, phone.person_id = begun["session"]["token"], town.ada.person_id
        await phone.enrol_key()
        phones.append(phone)
        if code == codes[0]:
            await town.ada.call("DELETE", f"/v1/recoveries/{begun['recovery']['recovery_id']}")
    await town.later(DAY)
    with pytest.raises(Refused):
        await phones[0].sign_in()
    await phones[1].sign_in()


async def test_an_admin_who_makes_the_link_and_holds_the_new_phone_gets_in_by_nothing_they_can_do(
    world: World,
) -> None:
    town = await lost(world)
    phone, owner = await town.followed_link(), world.owner
    confirmation = f"/v1/devices/{phone.device_id}/confirmation"
    with pytest.raises(Refused, match="recovery_decides"):
        await owner.call("POST", confirmation, {"digits": phone.digits or ""})
    name = await asked_of(town.bo)
    with pytest.raises(Refused, match="not_eligible"):
        await owner.answer(name, "approve")
    invite = f"/v1/orgs/{world.org_id}/member-invites"
    await owner.call("DELETE", f"/v1/devices/{town.ada.device_id}", {})
    with pytest.raises(Refused, match="has_key"):
        await owner.call("POST", invite, {"person_id": town.ada.person_id})
    world.time.pass_seconds(DAY)
    await town.work()
    with pytest.raises(Refused):
        await phone.sign_in()


async def test_an_agent_that_asks_for_a_recovery_itself_is_refused(world: World) -> None:
    ada, agent = await world.person("Ada"), await world.agent()
    with pytest.raises(NotAuthorised, match="reserved_action"):
        await agent.ask("hub.device.recover", {"person": ada.person_id})
    assert (await ada.inbox())["items"] == []
