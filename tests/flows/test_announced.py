"""What a host or two people do about somebody's keys is announced: from the command to the bytes at every vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.cli.operate import carry_out
from approvals_hub.db.database import Tx
from approvals_hub.notifications.words import COLLEAGUE, news
from tests.flows.conftest import url_of
from tests.flows.reach_scene import FID, OWNER, TOKEN, Reachable, reachable


@dataclass
class Street:
    """The owner has a browser, a mailbox and a telephone; Ada has an iPhone, Bo an Android phone."""

    scene: Reachable
    ada: SoftwarePhone
    bo: SoftwarePhone

    def took(self) -> dict[str, list[Any]]:
        """What each vendor was sent since the last look, by channel."""
        at = self.scene.vendors
        vendors: dict[str, Any] = {
            "phone": at.push,
            "mail": at.mails,
            "sms": at.texts,
            "iphone": at.apple,
            "android": at.google,
        }
        found = {name: list(vendor.arrived) for name, vendor in vendors.items()}
        for vendor in vendors.values():
            vendor.arrived.clear()
        return found

    async def hears(self) -> dict[str, list[Any]]:
        """The same once everything that is due is told."""
        await self.scene.settle()
        return self.took()


@pytest.fixture
async def street(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Street]:
    async with reachable(url_of(database_place), tmp_path) as scene:
        ada, bo = await scene.world.person("Ada", "admin"), await scene.world.person("Bo")
        await scene.browser()
        await scene.register("iphone", {"token": TOKEN}, by=ada)
        await scene.register("android", {"fid": FID}, by=bo)
        for method in ("email_otp", "sms_otp"):
            await scene.link(method)
        await long_ago(scene)
        found = Street(scene, ada, bo)
        await found.hears()
        yield found


async def long_ago(scene: Reachable) -> None:
    """Everybody is a member with a key for long: who joined a moment ago decides about nobody else's."""

    async def work(tx: Tx) -> None:
        await tx.execute("UPDATE devices SET confirmed_at = 1 WHERE confirmed_at IS NOT NULL")
        await tx.execute("UPDATE memberships SET created_at = 1")

    await scene.world.hub.db.run(work)


def says(arrived: list[Any], kind: str) -> bool:
    """Whether one message arrived, and tells this news in one of the two languages."""
    [one] = arrived
    whole = " ".join(map(str, (one.text, one.headers, one.body)))
    said = [news(language, kind, org="") for language in ("sv", "en")]
    # A text message has room for the first words alone.
    return any(each.title in whole and each.text.lstrip(" ·").split(".")[0] in whole for each in said)


async def test_a_recovery_on_the_host_is_announced_to_everybody_on_every_channel(street: Street) -> None:
    owner = street.scene.world.owner
    await carry_out(street.scene.world.hub, "people.recover", {"person_id": owner.person_id})
    took = await street.hears()
    assert [took[name][0].to for name in ("mail", "sms")] == list(OWNER.values())
    for name in took:
        kind = "recovery.opened_on_host" + (COLLEAGUE if name in ("iphone", "android") else "")
        assert says(took[name], kind), (name, took[name])


async def test_a_broken_glass_is_announced_to_those_who_govern_and_its_person_on_every_channel(street: Street) -> None:
    world, org = street.scene.world, f"/v1/orgs/{street.scene.world.org_id}"
    made = await carry_out(world.hub, "people.recover", {"person_id": street.bo.person_id, "colleagues": True})
    assert isinstance(made, dict)
    await street.hears()
    asked = {"recovery_id": made["recovery_id"], "reason": "payroll", "fresh": await street.ada.fresh()}
    glass = await street.ada.call("POST", f"{org}/break-glass", asked)
    for kind in ("break_glass.asked", "break_glass.opened"):
        took = await street.hears()
        for name in took:
            assert says(took[name], kind + ("" if name == "android" else COLLEAGUE)), (
                kind,
                name,
                took[name],
            )
        if kind == "break_glass.asked":
            body = {"fresh": await world.owner.fresh()}
            await world.owner.call("POST", f"{org}/break-glass/{glass['break_glass_id']}/agreement", body)
