"""A person's mailbox beside their devices: what comes there, also of devices that are told no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.conftest import url_of
from tests.flows.looked_through import everything
from tests.flows.reach_scene import OWNER, Reachable, reachable


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Reachable]:
    async with reachable(url_of(database_place), tmp_path) as found:
        yield found


async def test_mail_follows_when_the_devices_bring_nothing(scene: Reachable) -> None:
    await scene.link("email_otp")
    await scene.browser()
    await scene.settle()
    scene.vendors.mails.arrived.clear()
    question = await scene.ask()
    await scene.settle()
    assert scene.vendors.mails.arrived == []
    scene.world.time.pass_seconds(61)
    await scene.settle()
    [mail] = scene.vendors.mails.arrived
    assert mail.to == OWNER["email_otp"]
    assert [telling["reason"] for telling in await scene.tellings(question)] == ["first", "fallback"]


async def test_a_push_address_that_its_service_calls_gone_is_news_in_the_mail_once_and_an_entry_of_the_log(
    scene: Reachable,
) -> None:
    await scene.link("email_otp")
    await scene.browser(kept=False)
    await scene.settle()
    for _ in range(2):
        await scene.ask()
        await scene.settle()
        # The page subscribes anew, and that one is gone too.
        await scene.browser("berta", kept=False)
        await scene.settle()
    subjects = [letter.headers["Subject"] for letter in scene.vendors.mails.arrived]
    assert subjects.count("Notifications no longer reach one of your devices") == 1
    [news] = [letter for letter in scene.vendors.mails.arrived if letter.headers["Subject"].startswith("Notif")]
    assert (news.to, "/app/devices" in repr(vars(news))) == (OWNER["email_otp"], True)
    while await scene.world.hub.sealer.seal_all():
        pass
    path = f"/v1/orgs/{scene.world.org_id}/audit/events?kind=device.push_gone"
    entries = (await scene.world.owner.call("GET", path))["items"]
    assert {entry["entry"]["detail"]["device_id"] for entry in entries} == {scene.world.owner.device_id}


async def test_a_device_of_which_nothing_is_heard_is_news_in_the_mail_before_a_question_finds_it_dead(
    scene: Reachable,
) -> None:
    await scene.link("email_otp")
    await scene.browser()
    await scene.settle()
    scene.vendors.mails.arrived.clear()
    scene.world.time.pass_seconds(31 * 24 * 3600)
    scene.vendors.push._now = scene.world.time.clock().now()
    for _ in range(2):
        await scene.world.hub.reach.warn_of_stale()
        await scene.settle()
    [letter] = scene.vendors.mails.arrived
    assert letter.headers["Subject"] == "One of your devices has been silent for long"
    assert (letter.to, "/app/devices" in everything([letter])) == (OWNER["email_otp"], True)
