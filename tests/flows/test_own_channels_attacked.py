"""What an admin of an organisation, or whoever has their session, cannot do with channels of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.channels.stage_apns import TOKEN
from tests.contracts.channels.stage_fcm import FID
from tests.flows.conftest import url_of
from tests.flows.own_scene import OwnScene, own_scene
from tests.flows.reach_scene import Reachable


@pytest.fixture
async def scene(database_place: Path | str, tmp_path: Path) -> AsyncIterator[OwnScene]:
    """Where the operator allows no inner network."""
    async with own_scene(url_of(database_place), tmp_path, private=False) as found:
        yield found


async def test_no_kind_of_channel_reaches_an_inner_network(scene: OwnScene) -> None:
    owner, settings = scene.world.owner, scene.settings()
    people = Reachable(scene.world, scene.vendors, scene.bot)
    await people.link("email_otp")
    for vendor in (scene.vendors.google, scene.vendors.texts, scene.rooms.letters):
        vendor.seen.clear()
    scene.vendors.mails.arrived.clear()
    for name in ("ops", "office", "post", "letters"):
        kind, given = settings[name]
        tried = await scene.world.send("POST", f"{scene.path}/test", by=owner, body={"kind": kind, "settings": given})
        assert tried.status == 200, tried
        assert tried.json()["status"] in ("settings", "permanent"), tried
        assert "network" in tried.json()["said"]
    # Six test messages a minute.
    scene.world.time.pass_seconds(61)
    for name, address in (("iphones", {"token": TOKEN}), ("androids", {"fid": FID}), ("apps", scene.handle())):
        await scene.made(name)
        await people.register(name, address)
        tried_device = await owner.call("POST", f"{scene.path}/{name}/test")
        assert tried_device["status"] in ("settings", "permanent"), tried_device
    # A webhook's own address is looked at before anything is saved.
    for url in (settings["program"][1]["url"], "https://169.254.169.254/latest/meta-data/", "https://[::1]/x"):
        refused = await scene.put("program", "webhook", {**settings["program"][1], "url": url})
        assert (refused.status, refused.json()["field"]) == (422, "$.settings.url"), refused
    rooms = scene.rooms
    reached = [vendor.seen for vendor in (rooms.slack, rooms.teams, rooms.hook, rooms.letters, rooms.relay)]
    assert reached == [[], [], [], [], []]
    assert (scene.vendors.apple.arrived, scene.vendors.google.seen) == ([], [])
    assert scene.vendors.mails.arrived == []
    # It is looked at anew when a question is sent: a channel that was saved reaches nothing either.
    assert (await scene.put("ops", *settings["ops"])).status == 200
    await scene.ask()
    await scene.settle()
    [tried_again] = (await scene.deliveries("?channel=ops"))["items"]
    assert (tried_again["status"], scene.rooms.slack.seen) == ("permanent", [])


async def test_a_stolen_session_changes_and_deletes_no_channel(scene: OwnScene) -> None:
    owner, (kind, settings) = scene.world.owner, scene.settings()["ops"]
    stolen = {"kind": kind, "settings": settings}
    for _ in range(2):
        refused = await scene.world.send("PUT", f"{scene.path}/ops", by=owner, body=stolen)
        assert refused.status == 403, refused
    await scene.made("ops")
    refused = await scene.world.send("DELETE", f"{scene.path}/ops", by=owner, body={"version": 1})
    assert refused.status == 403
    assert (await owner.call("GET", f"{scene.path}/ops"))["version"] == 1


@pytest.mark.parametrize(
    ("name", "change", "field", "says"),
    [
        ("post", {"hots": "x"}, "$.settings.hots", "host"),
        ("post", {"port": "smtp"}, "$.settings.port", ""),
        ("post", {"tls": "none"}, "$.settings", ""),
        ("texts", {"gateway": {"kind": "46elsk"}}, "$.settings.gateway.kind", "46elks"),
        ("texts", {"gateway": {"kind": "46elks", "usrname": "x"}}, "$.settings.gateway.usrname", "username"),
        ("ops", {"url": "https://evil.example/x"}, "$.settings.url", ""),
        ("program", {"secrets": ["short"]}, "$.settings.url", ""),
        ("browsers", {"private_key": "short"}, "$.settings", ""),
    ],
)
async def test_a_setting_that_is_wrong_is_named_with_the_nearest_that_there_is(
    scene: OwnScene, name: str, change: dict[str, Any], field: str, says: str
) -> None:
    kind, settings = scene.settings()[name]
    given = await scene.put("new", kind, {**settings, **change})
    problem = given.json()
    assert (given.status, problem["code"], problem["field"]) == (422, "channel_invalid", field), problem
    assert says in problem["next_step"]
    assert settings.get("password", "never") not in given.body.decode()


async def test_names_versions_and_kinds_are_kept_apart(scene: OwnScene) -> None:
    owner, settings = scene.world.owner, scene.settings()
    taken = await scene.put("mail", *settings["ops"])
    assert (taken.status, taken.json()["code"]) == (409, "channel_of_operator")
    refused = await scene.world.send("DELETE", f"{scene.path}/mail", by=owner, body={"version": 0})
    assert (refused.status, refused.json()["code"]) == (409, "channel_of_operator")
    no_kind = await scene.put("new", "carrier_pigeon", {})
    assert (no_kind.status, no_kind.json()["code"]) == (422, "channel_invalid")
    await scene.made("ops")
    stale = await scene.put("ops", "slack", {**settings["ops"][1], "url": settings["ops"][1]["url"] + "x"})
    assert (stale.status, stale.json()["version"]) == (409, 1)
    other_kind = await scene.put("ops", *settings["office"], version=1)
    assert (other_kind.status, other_kind.json()["field"]) == (422, "$.kind")
    stranger = await scene.world.another_org()
    path = f"/v1/orgs/{stranger.org_id}"
    assert [each["name"] for each in (await stranger.owner.call("GET", f"{path}/channels"))["items"]] == ["mail", "sms"]
    assert (await stranger.owner.call("GET", f"{path}/deliveries"))["items"] == []
    unseen = await scene.world.send("GET", f"{path}/channels/ops", by=stranger.owner)
    assert (unseen.status, unseen.json()["code"]) == (404, "channel_unknown")
