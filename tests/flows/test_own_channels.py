"""An organisation sets up channels of its own: from the settings over HTTP to the bytes at each vendor, and the log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.app import OpenHub
from approvals_hub.cli.demo_phone import SoftwarePhone
from tests.contracts.channels.stage_apns import TOKEN
from tests.contracts.channels.stage_fcm import FID
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.looked_through import everything, shows
from tests.flows.own_scene import SECRETS, SLACK_PATH, OwnScene, own_scene
from tests.flows.reach_scene import OWNER, Reachable


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[OwnScene]:
    async with own_scene(url_of(database_place), tmp_path) as found:
        yield found


async def reachable_everywhere(scene: OwnScene) -> dict[str, tuple[SoftwarePhone, Any]]:
    """Every kind is set up, and somebody has an address on each that people have addresses on; those of devices, by
    channel."""
    for name in scene.settings():
        await scene.made(name)
    people = Reachable(scene.world, scene.vendors, scene.bot)
    await people.link("email_otp")
    await people.link("sms_otp")
    ada, bo, cy = [await scene.world.person(name) for name in ("Ada", "Bo", "Cy")]
    browser = scene.vendors.push.subscribe("anna")
    scene.vendors.push.keep_browser(browser)
    devices: dict[str, tuple[SoftwarePhone, Any]] = {
        "browsers": (scene.world.owner, browser.subscription),
        "iphones": (ada, {"token": TOKEN}),
        "androids": (bo, {"fid": FID}),
        "apps": (cy, scene.handle()),
    }
    for channel, (phone, address) in devices.items():
        await people.register(channel, address, by=phone)
    await scene.settle()
    for vendor in (scene.vendors.push, scene.vendors.apple, scene.vendors.google, scene.vendors.texts):
        vendor.arrived.clear()
    scene.vendors.mails.arrived.clear()
    scene.rooms.letters.arrived.clear()
    return devices


async def test_every_kind_that_is_set_up_over_http_carries_a_question_to_its_vendor_and_into_the_log(
    scene: OwnScene,
) -> None:
    await reachable_everywhere(scene)
    # The agent's owner is not asked where others are.
    developer = await scene.world.person("Dev", "developer")
    scene.bot = await scene.world.agent("other", owner_id=developer.person_id)
    question = await scene.ask(requirement={"number_match": 6})
    await scene.settle()
    scene.world.time.pass_seconds(61)
    await scene.settle()
    scene.world.time.pass_seconds(121)
    await scene.settle()
    log = (await scene.deliveries(f"?escalation={question.escalation_id}"))["items"]
    assert {each["channel"] for each in log} >= set(scene.settings())
    assert {each["status"] for each in log} == {"delivered"}
    rooms = {each["channel"] for each in log if each["person_id"] is None}
    assert rooms == {"ops", "office", "program"}
    arrived = [*scene.vendors.all_that_arrived(), *scene.rooms.all_that_arrived()]
    assert len([each for each in scene.rooms.slack.arrived if question.escalation_id in repr(vars(each))]) == 1
    assert scene.rooms.hook.arrived[-1].body["data"]["escalation_id"] == question.escalation_id
    assert "canary-payload" not in everything(arrived)
    assert question.match_code
    assert not shows(question.match_code, f"{everything(arrived)}{log}")
    assert not any(secret in json.dumps(log) for secret in (*SECRETS, TOKEN, *OWNER.values()))
    # A room is told once, also when the question is looked at again.
    await scene.settle()
    assert len(scene.rooms.slack.arrived) == 1
    # The log is read page by page, and by what it is about.
    first = await scene.deliveries("?limit=2")
    second = await scene.deliveries(f"?limit=2&cursor={first['next']}")
    assert len({each["delivery_id"] for each in (*first["items"], *second["items"])}) == 4
    assert {each["channel"] for each in (await scene.deliveries("?channel=ops"))["items"]} == {"ops"}
    assert (await scene.deliveries("?status=gone"))["items"] == []


async def test_secrets_go_in_and_never_come_out(scene: OwnScene) -> None:
    for name in scene.settings():
        await scene.made(name)
    owner = scene.world.owner
    shown = [await scene.world.send("GET", scene.path, by=owner)]
    shown += [await scene.world.send("GET", f"{scene.path}/{name}", by=owner) for name in scene.settings()]
    log = (await scene.world.export()).decode()
    for secret in SECRETS:
        assert secret not in log
        assert not any(secret.encode() in each.body for each in shown)
    view = shown[0].json()["items"]
    own = {each["name"]: each for each in view if each["source"] == "organisation"}
    assert not own.pop("apps")["has_secret"], "a handle alone wakes: a relay's channel has none"
    assert all(each["has_secret"] and each["fingerprint"] and each["rotated_at"] for each in own.values())
    assert own["post"]["settings"]["username"]
    assert own["ops"]["recipient"].startswith("127.0.0.1")
    # The operator's are there, and say nothing of where they lead.
    operators = {each["name"]: each for each in view if each["source"] == "operator"}
    assert set(operators) == {"mail", "sms"}
    assert all(each["settings"] is None and each["recipient"] is None for each in operators.values())

    async def work(tx: Any) -> Any:
        return await tx.rows("SELECT name, settings, secrets FROM channels")

    stored = repr([dict(row) for row in await scene.world.hub.db.read(work)])
    assert not any(secret in stored for secret in SECRETS)


async def test_a_channel_that_is_led_elsewhere_without_its_secret_is_refused(scene: OwnScene) -> None:
    await scene.made("post")
    kind, settings = scene.settings()["post"]
    kept = {name: value for name, value in settings.items() if name != "password"}
    # The same place: the secret stays, and works.
    given = await scene.put("post", kind, {**kept, "sender_name": "Ops"}, version=1)
    assert (given.status, given.json()["has_secret"]) == (200, True)
    for change in ({"host": "mail.evil.example"}, {"port": 2525}, {"username": "other"}):
        for path, body in (
            (f"{scene.path}/post", {"kind": kind, "settings": {**kept, **change}, "version": 2}),
            (f"{scene.path}/test", {"kind": kind, "settings": {**kept, **change}, "name": "post"}),
        ):
            method = "POST" if path.endswith("/test") else "PUT"
            refused = await scene.world.send(method, path, by=scene.world.owner, body=body)
            assert (refused.status, refused.json()["code"]) == (422, "secret_needed"), refused
            assert refused.json()["field"] == "$.settings.password"
    # A new webhook comes with its signing secret, which would else sign for somebody else's endpoint.
    await scene.made("program")
    url = scene.rooms.hook.base_url + "/hooks/elsewhere-1"
    refused = await scene.put("program", "webhook", {"url": url}, version=1)
    assert (refused.status, refused.json()["field"]) == (422, "$.settings.secrets")


async def test_a_test_message_goes_to_whoever_asks_with_the_providers_own_answer(scene: OwnScene) -> None:
    owner = scene.world.owner
    await Reachable(scene.world, scene.vendors, scene.bot).link("email_otp")
    kind, settings = scene.settings()["post"]
    body = {"kind": kind, "settings": settings}
    given = await owner.call("POST", f"{scene.path}/test", body)
    assert (given["status"], given["said"]) == ("delivered", None)
    [mail] = scene.vendors.mails.arrived
    assert mail.to == OWNER["email_otp"]
    assert OWNER["email_otp"] not in given["recipient"]
    wrong = await owner.call("POST", f"{scene.path}/test", {**body, "settings": {**settings, "password": "canary-pw"}})
    assert wrong["status"] == "settings"
    assert "canary-pw" not in json.dumps(wrong)
    await scene.made("ops")
    with scene.rooms.slack.plays(Trouble.THROTTLED):
        later = await owner.call("POST", f"{scene.path}/ops/test")
    assert (later["status"], later["retry_after"]) == ("later", 11)
    scene.rooms.slack.hooks.clear()
    gone = await owner.call("POST", f"{scene.path}/ops/test")
    assert (gone["status"], gone["said"]) == ("gone", "Slack answers 404 no_service")
    # What was not saved is in the delivery log too, as attempt 0.
    tried = [(each["status"], each["attempt"]) for each in (await scene.deliveries())["items"]]
    assert tried == [("gone", 1), ("later", 1), ("settings", 0), ("delivered", 0)]
    await scene.made("texts")
    no_address = await scene.world.send("POST", f"{scene.path}/texts/test", by=owner)
    assert (no_address.status, no_address.json()["code"]) == (409, "no_address")
    for _ in range(2):
        await owner.call("POST", f"{scene.path}/ops/test")
    flood = await scene.world.send("POST", f"{scene.path}/ops/test", by=owner)
    assert (flood.status, flood.json()["code"]) == (429, "too_many_tests")
    assert 0 < int(flood.headers["Retry-After"]) <= 61


async def test_a_changed_channel_counts_for_the_next_attempt_and_says_how_it_does(scene: OwnScene) -> None:
    owner = scene.world.owner
    await scene.made("ops")
    with scene.rooms.slack.plays(Trouble.REFUSES_US):
        await scene.ask()
        await scene.settle()
    health = (await owner.call("GET", f"{scene.path}/ops"))["health"]
    assert (health["works"], health["last_error"]["status"], health["hour"]["error_rate"]) == (False, "settings", 1.0)
    other = "/services/T0ACME000/B0OTHER00/9c2b77aawebhook00000Other"
    scene.rooms.slack.hooks.add(other)
    kind, settings = scene.settings()["ops"]
    changed = await scene.put("ops", kind, {**settings, "url": scene.rooms.slack.url(other)}, version=1)
    assert changed.json()["version"] == 2
    await scene.ask()
    await scene.settle()
    [told] = scene.rooms.slack.arrived
    assert told.to.endswith(other)
    assert not told.to.endswith(SLACK_PATH)
    health = (await owner.call("GET", f"{scene.path}/ops"))["health"]
    assert (health["works"], health["hour"]) == (True, {"attempts": 2, "failed": 1, "error_rate": 0.5})


async def test_a_channel_that_takes_nothing_is_left_alone_and_keeps_no_other_waiting(scene: OwnScene) -> None:
    await scene.made("ops")
    await scene.made("program")
    with scene.rooms.slack.plays(Trouble.BROKEN):
        for _ in range(6):
            await scene.ask()
            await scene.settle()
    assert len(scene.rooms.hook.arrived) == 6
    health = (await scene.world.owner.call("GET", f"{scene.path}/ops"))["health"]
    assert (health["breaker"], health["works"]) == ("open", False)
    scene.world.time.pass_seconds(11)
    await scene.settle()
    scene.world.time.pass_seconds(30)
    await scene.settle()
    health = (await scene.world.owner.call("GET", f"{scene.path}/ops"))["health"]
    assert (health["breaker"], health["works"]) == ("closed", True)


async def test_a_channel_that_a_route_names_is_not_deleted(scene: OwnScene) -> None:
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    await scene.made("ops")
    text = f"route: ladder\nlevels:\n  - people: [{owner.person_id}]\n    channels: [ops]\nthen: keep_waiting\n"
    await owner.call("PUT", f"{org}/routes/ladder", {"yaml": text})
    await owner.call("PUT", f"{org}/default-route", {"route": "ladder", "fresh": await owner.fresh()})
    assert (await owner.call("GET", f"{scene.path}/ops"))["used_by"] == ["route:ladder", "default_route"]
    body = {"version": 1, "fresh": await owner.fresh()}
    refused = await scene.world.send("DELETE", f"{scene.path}/ops", by=owner, body=body)
    assert (refused.status, refused.json()["code"]) == (409, "channel_in_use")
    assert refused.json()["used_by"] == ["route:ladder", "default_route"]
    # The route's level tells the room when it begins.
    await scene.ask()
    await scene.settle()
    assert len(scene.rooms.slack.arrived) == 1
    await owner.call("PUT", f"{org}/default-route", {"route": None, "fresh": await owner.fresh()})
    await owner.call("DELETE", f"{org}/routes/ladder", {"version": 1, "fresh": await owner.fresh()})
    gone = await owner.call("DELETE", f"{scene.path}/ops", {"version": 1, "fresh": await owner.fresh()})
    assert gone["name"] == "ops"
    await scene.ask()
    await scene.settle()
    assert len(scene.rooms.slack.arrived) == 1


async def test_who_is_told_on_too_few_channels_is_named(scene: OwnScene) -> None:
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    await owner.call("PUT", f"{org}/groups/ops", {"yaml": f"group: ops\nmembers: [{owner.person_id}]\n"})
    found = (await owner.call("GET", f"{org}/channel-warnings"))["items"]
    assert [(each["code"], each["whom"], each["channels"]) for each in found] == [
        ("few_channels", "approvers", []),
        ("few_channels", "group:ops", []),
    ]
    people = Reachable(scene.world, scene.vendors, scene.bot)
    await people.link("email_otp")
    await people.link("sms_otp")
    assert (await owner.call("GET", f"{org}/channel-warnings"))["items"] == []
    # Somebody whom nothing reaches is named though others are told for the organisation.
    ada = await scene.world.person("Ada")
    [named] = (await owner.call("GET", f"{org}/channel-warnings"))["items"]
    assert (named["whom"], named["name"], named["channels"]) == (f"person:{ada.person_id}", "Ada", [])
    assert ((await ada.call("GET", "/v1/push-addresses"))["enough"], named["code"]) == (False, "few_channels")
    reached = await owner.call("GET", "/v1/push-addresses")
    assert (reached["channels"], reached["enough"]) == (["mail", "sms"], True)


async def test_a_channel_that_is_changed_at_one_process_counts_for_the_next_attempt_of_another(
    postgres_uri: str, tmp_path: Path
) -> None:
    other = "/services/T0ACME000/B0OTHER00/9c2b77aawebhook00000Other"
    async with own_scene(postgres_uri, tmp_path) as scene:
        world = scene.world
        place = replace(world.place, checkpoints=tmp_path / "checkpoints of the second")
        async with OpenHub(place, world.time.clock()) as second:
            await scene.made("ops")
            await scene.ask()
            await second.reach.settled()
            scene.rooms.slack.hooks.add(other)
            kind, settings = scene.settings()["ops"]
            await scene.put("ops", kind, {**settings, "url": scene.rooms.slack.url(other)}, version=1)
            await scene.ask()
            await second.reach.settled()
            await second.reach.stop()
    assert [told.to.endswith(other) for told in scene.rooms.slack.arrived] == [False, True]
