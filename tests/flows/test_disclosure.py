"""What may be said where: every form of channel, from the setting over HTTP to the bytes at each vendor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.fakes.sealing_device import SealingDevice
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.looked_through import everything, shows
from tests.flows.own_scene import HOOK_PATH, OwnScene, own_scene
from tests.flows.reach_scene import Reachable
from tests.flows.test_own_channels import reachable_everywhere

CANARY = "canary-payload-7391"


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[OwnScene]:
    async with own_scene(url_of(database_place), tmp_path) as found:
        yield found


def by_vendor(scene: OwnScene) -> dict[str, list[Any]]:
    """What arrived, by the form of channel and vendor."""
    found, rooms = scene.vendors, scene.rooms
    return {
        "push webpush": found.push.arrived,
        "push apns": found.apple.arrived,
        "push fcm": found.google.arrived,
        "mail smtp": found.mails.arrived,
        "chat slack": rooms.slack.arrived,
        "chat teams": rooms.teams.arrived,
        "webhook": rooms.hook.arrived,
        "sms": found.texts.arrived,
    }


async def say(scene: OwnScene, **says: str) -> None:
    """The owner has so much said."""
    owner = scene.world.owner
    body = {**says, "fresh": await owner.fresh()}
    given = await scene.world.send("PUT", f"/v1/orgs/{scene.world.org_id}/disclosure", by=owner, body=body)
    assert given.status == 200, given


async def at_once(scene: OwnScene, people: list[SoftwarePhone]) -> None:
    """All of them are told on every channel when a question opens; a level has no room for more than eight."""
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    whom = ", ".join(phone.person_id for phone in people)
    named = [name for name in scene.settings() if name not in ("letters", "apps")]
    channels = "".join(f"      - channel: {name}\n        after: 0s\n" for name in named)
    text = f"route: all\nlevels:\n  - people: [{whom}]\n    channels:\n{channels}then: keep_waiting\n"
    await owner.call("PUT", f"{org}/routes/all", {"yaml": text})
    await owner.call("PUT", f"{org}/default-route", {"route": "all", "fresh": await owner.fresh()})


async def told(scene: OwnScene) -> tuple[Any, dict[str, list[Any]]]:
    """A question is told on every way that there is."""
    for arrived in by_vendor(scene).values():
        arrived.clear()
    question = await scene.ask(requirement={"number_match": 6})
    await scene.settle()
    arrived = by_vendor(scene)
    # However much is said, the number that the agent shows is not.
    assert not shows(question.match_code or "?", everything(one for them in arrived.values() for one in them))
    return question, arrived


def where_it_stands(arrived: dict[str, list[Any]]) -> set[str]:
    """The forms of channel in which what is asked can be read."""
    whole = {name: everything(them) for name, them in arrived.items()}
    assert [name for name, them in arrived.items() if not them] == []
    return {name for name, text in whole.items() if CANARY in text}


async def with_seal(scene: OwnScene, channel: str, phone: SoftwarePhone, address: Any) -> SealingDevice:
    """The device has words sealed to a key of its own."""
    device = SealingDevice(phone.audience or phone.base_url, phone.device_id)
    form = device.form(phone.key.sign)
    people = Reachable(scene.world, scene.vendors, scene.bot)
    kept = await people.register(channel, address, by=phone, seal=form)
    assert kept["opens_seals"]
    # The same without it: the device keeps the key that it has.
    assert (await people.register(channel, address, by=phone))["opens_seals"]
    return device


async def test_what_is_asked_is_read_where_its_organisation_lets_it_be_and_sealed_by_the_device_alone(
    scene: OwnScene,
) -> None:
    devices = await reachable_everywhere(scene)
    # The agent's owner is not asked where others are.
    scene.bot = await scene.world.agent("other", owner_id=(await scene.world.person("Dev", "developer")).person_id)
    await at_once(scene, [phone for phone, _ in devices.values()])

    await say(scene, mail="summary", chat="summary")
    _, arrived = await told(scene)
    assert where_it_stands(arrived) == {"mail smtp", "chat slack", "chat teams"}

    await say(scene, push="summary", webhook="summary")
    _, arrived = await told(scene)
    assert where_it_stands(arrived) == {"push webpush", "push apns", "push fcm", "webhook"}
    assert {"label": "note", "value": CANARY} in arrived["webhook"][-1].body["data"]["summary"]["fields"]

    # A person may want less on their own lock screen, and has it though the organisation wants more.
    phone, _ = devices["browsers"]
    await phone.call("PUT", "/v1/disclosure", {"least": True})
    assert where_it_stands((await told(scene))[1]) == {"push apns", "push fcm", "webhook"}
    await phone.call("PUT", "/v1/disclosure", {"least": False})

    # Where no device has a key for it, the least is said; then each has one.
    await say(scene, push="sealed")
    assert where_it_stands((await told(scene))[1]) == set()
    seals = {name: await with_seal(scene, name, *device) for name, device in devices.items()}
    question, arrived = await told(scene)
    assert where_it_stands(arrived) == set()
    [browser], [iphone], [android] = arrived["push webpush"], arrived["push apns"], arrived["push fcm"]
    assert iphone.body["aps"]["mutable-content"] == 1
    notices = {
        "browsers": (browser.id, browser.body["notification"]["data"]["sealed"]),
        "iphones": (iphone.id, iphone.body["hub"]["sealed"]),
        "androids": (android.id, android.body["data"]["sealed"]),
    }
    place = {"escalation_id": question.escalation_id}
    for name, (telling_id, sealed) in notices.items():
        opened = seals[name].opened(sealed, telling_id=telling_id, **place)
        assert CANARY in opened["body"]
        assert not shows(question.match_code, str(opened))
    # Played to the other device, or put into another notification, it opens for nobody.
    with pytest.raises(InvalidTag):
        seals["iphones"].opened(notices["browsers"][1], telling_id=browser.id, **place)
    with pytest.raises(InvalidTag):
        seals["browsers"].opened(notices["browsers"][1], telling_id=iphone.id, **place)


async def test_the_rooms_that_heard_of_a_question_hear_that_it_is_over_and_by_whom(scene: OwnScene) -> None:
    for name in ("ops", "office", "program"):
        await scene.made(name)
    ada = await scene.world.person("Ada")
    scene.bot = await scene.world.agent("other", owner_id=(await scene.world.person("Dev", "developer")).person_id)
    question = await scene.ask()
    await scene.settle()
    await ada.answer(question.escalation_id, "deny")
    await scene.settle()
    rooms = scene.rooms
    for vendor in (rooms.slack, rooms.teams):
        asked, over = vendor.arrived
        assert "asks for an approval" in repr(asked.body)
        assert "Already decided by Ada" in repr(over.body)
        assert f"/app/escalations/{question.escalation_id}" in repr(over.body)
    asked, over = rooms.hook.arrived
    assert [asked.body["type"], over.body["type"]] == ["escalation.opened", "escalation.ended"]
    assert asked.body["timestamp"] < over.body["timestamp"]
    assert over.body["data"]["decided_by"] == "Ada"
    assert "den" not in repr([each.body for each in (rooms.slack.arrived[-1], over)]).lower().replace("identity", "")
    # Of a question that nobody heard of there, nobody hears that it is over.
    unheard = await scene.ask()
    await scene.bot.withdraw(unheard)
    await scene.settle()
    assert len(rooms.slack.arrived) == len(rooms.hook.arrived) == 2


async def test_a_program_that_was_down_hears_of_the_end_and_after_it_of_no_opening_with_times_and_ids_to_order_by(
    scene: OwnScene,
) -> None:
    await scene.made("program")
    ada = await scene.world.person("Ada")
    scene.bot = await scene.world.agent("other", owner_id=(await scene.world.person("Dev", "developer")).person_id)
    hook = scene.rooms.hook
    with hook.plays(Trouble.BROKEN):
        question = await scene.ask()
        await scene.settle()
    await ada.answer(question.escalation_id, "deny")
    await scene.settle()
    # What it refused while the question was open is not said any more: whoever acted on it would be too late.
    scene.world.time.pass_seconds(60)
    hook._now = scene.world.time.clock().now()
    await scene.settle()
    assert [each.body["type"] for each in hook.arrived] == ["escalation.ended"]
    # Twice the same is one event: an answer that was lost has it sent again, with the same id and the same bytes.
    with hook.plays(Trouble.LEAVES):
        other = await scene.ask()
        await scene.settle()
    lost = [request.headers["webhook-id"] for request in hook.seen if request.path == HOOK_PATH][-1]
    scene.world.time.pass_seconds(60)
    hook._now = scene.world.time.clock().now()
    await scene.settle()
    opened = hook.arrived[-1]
    assert (opened.body["data"]["escalation_id"], opened.id) == (other.escalation_id, lost)
    sent_at = int(opened.headers["webhook-timestamp"]) * 1000
    assert sent_at - datetime.fromisoformat(opened.body["timestamp"]).timestamp() * 1000 > 50_000
