"""A native app is told through its publisher's relay: from a question at the hub to the bytes at Apple and Google."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path

from approvals_hub_client.question import Question
from tests.contracts.channels.stage_relay import HANDLE, TOPIC_KEY
from tests.fakes.relay_server import RelayServer
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import ROUTE, add
from tests.flows.reach_scene import CONTEXT, FID, JUSTIFICATION, PAYLOAD, TOKEN, Reachable, reachable, vendors
from tests.flows.relay_scene import NativeApp, RunningRelay, running_relay
from tests.flows.world import TestClock

WORDS = {"en": "There is something new. Open it to see.", "sv": "Det har hänt något nytt. Öppna för att se."}


async def test_a_question_wakes_native_apps_through_the_relay_which_learns_nothing_of_it(
    database_place: Path | str, tmp_path: Path
) -> None:
    time = TestClock()
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(vendors(tmp_path, now=time.clock().now()))
        relay = await stack.enter_async_context(running_relay(tmp_path / "relay", found))
        more = {"store_app": {"kind": "relay", "url": relay.url}}
        scene = await stack.enter_async_context(
            reachable(url_of(database_place), tmp_path, time=time, found=found, more=more)
        )
        people = [await scene.world.person("Ada Canary"), await scene.world.person("Bo Canary")]
        iphone = NativeApp(relay, "apns", {"token": TOKEN}, "sv")
        android = NativeApp(relay, "fcm", {"fid": FID})
        for app, person in zip((iphone, android), people, strict=True):
            given = await scene.register("store_app", await app.register(), by=person)
            assert given["address"] == f"…{app.handle[-4:]}"
        await scene.settle()
        found.apple.arrived.clear()
        found.google.arrived.clear()
        question = await scene.ask()
        await scene.settle()
        [at_apple], [at_google] = found.apple.arrived, found.google.arrived
        tellings = {row["person_id"]: row["id"] for row in await scene.tellings(question)}
        # Each app is handed neutral words, the id, and a hash by which it knows its hub.
        assert (at_apple.text, at_google.text) == (WORDS["sv"], WORDS["en"])
        for app, person, told in (
            (iphone, people[0], at_apple.body["hub"]),
            (android, people[1], at_google.body["data"]),
        ):
            assert told["id"] == tellings[person.person_id]
            assert told["reference"] == app.topic(told["id"])
        assert at_apple.body["aps"]["mutable-content"] == 1
        assert at_google.body["android"]["priority"] == "high"
        # So it asks its own hub, and says there that it was woken.
        assert (await scene.view(question))["delivery"] == "trying"
        shown = [item["escalation_id"] for item in (await people[0].inbox())["items"]]
        assert shown == [question.escalation_id]
        await people[0].call("POST", f"/v1/tellings/{at_apple.id}/receipts", {"kind": "delivered"})
        await scene.settle()
        assert (await scene.view(question))["delivery"] == "reached"
        await replaced_and_once(scene, relay, iphone, question)
        await learns_nothing(scene, relay, question, (iphone, android))
        await ended_is_gone(scene, relay, android)


async def replaced_and_once(scene: Reachable, relay: RunningRelay, app: NativeApp, question: Question) -> None:
    """What ends takes the place of what was shown; and whoever says a wake again wakes nobody again."""
    apple = scene.vendors.apple
    [asked] = apple.arrived
    wake = {"id": asked.id, "topic": app.topic(asked.id), "collapse": asked.headers["apns-collapse-id"]}
    again = await relay.ask("POST", "/v1/wakes", {**wake, "ttl": 60, "priority": "high"}, carrying=app.handle)
    assert again == (200, {"id": asked.headers["apns-id"]})
    assert len(apple.arrived) == 1, "a replayed wake is one wake"
    await scene.bot.withdraw(question)
    await scene.settle()
    over = apple.arrived[-1]
    assert len(apple.arrived) == 2
    assert over.headers["apns-collapse-id"] == asked.headers["apns-collapse-id"]
    assert (over.text, over.body["hub"]["reference"]) == (WORDS["sv"], app.topic(over.id))


async def learns_nothing(
    scene: Reachable, relay: RunningRelay, question: Question, apps: tuple[NativeApp, ...]
) -> None:
    """Nothing of the question, the hub or its people is at the relay or a vendor; nothing of a wake stays there."""
    port = scene.world.base_url.rpartition(":")[2]
    secret = [
        PAYLOAD,
        JUSTIFICATION,
        CONTEXT,
        "Canary",
        scene.world.org_id,
        question.escalation_id,
        f":{port}",
        "db.drop",
    ]
    secret += [f'"{name}"' for name in ("bot", "Owner")]
    arrived = [*scene.vendors.apple.arrived, *scene.vendors.google.arrived]
    outside = repr([vars(each) for each in arrived])
    assert [word for word in secret if word in outside] == []
    written = relay.all_that_is_written()
    assert b"The relay answers" in written
    wakes = [each.id for each in arrived] + [app.topic(each.id) for app in apps for each in arrived]
    capabilities = [each for app in apps for each in (app.handle, app.owner, app.topic_key)]
    assert [word for word in (*secret, *wakes, *capabilities, TOKEN, FID) if word.encode() in written] == []


async def ended_is_gone(scene: Reachable, relay: RunningRelay, app: NativeApp) -> None:
    """An app ends its handle: the hub hears so with the next wake, and forgets the address."""
    assert await relay.ask("DELETE", "/v1/handles/own", carrying=app.owner) == (204, None)
    scene.vendors.google.arrived.clear()
    question = await scene.ask()
    await scene.settle()
    assert scene.vendors.google.arrived == []
    assert sorted(row["status"] for row in await scene.attempts(question)) == ["delivered", "gone"]
    following = await scene.ask()
    await scene.settle()
    assert [row["status"] for row in await scene.attempts(following)] == ["delivered"]


async def test_a_relay_that_lies_about_delivery_is_found_out_by_the_missing_receipt_and_the_route_goes_on(
    sqlite_path: Path, tmp_path: Path
) -> None:
    liar = RelayServer()
    liar.handles[HANDLE] = "whom it never wakes"
    await liar.open()
    more = {"store_app": {"kind": "relay", "url": liar.base_url}}
    async with reachable(url_of(sqlite_path), tmp_path, more=more) as scene:
        ada = await scene.world.person("Ada")
        address = {"relay": liar.base_url, "handle": HANDLE, "topic_key": TOPIC_KEY}
        await a_handle_of_another_relay_is_refused(scene, address)
        await scene.register("store_app", address, by=ada)
        browser = scene.vendors.push.subscribe("ada")
        scene.vendors.push.keep_browser(browser)
        await add(scene, ada, "phone", browser.subscription)
        await scene.settle()
        scene.vendors.push.arrived.clear()
        owner, org = scene.world.owner, scene.world.org_id
        route = ROUTE.format(name="app_first", person=ada.person_id, channels="[store_app, phone]")
        await owner.call("PUT", f"/v1/orgs/{org}/routes/app_first", {"yaml": route})
        await owner.call("PUT", f"/v1/orgs/{org}/default-route", {"route": "app_first", "fresh": await owner.fresh()})
        question = await scene.ask(expires_in=600)
        await scene.settle()
        told = [(row["channel"], row["status"]) for row in await scene.attempts(question)]
        assert told == [("store_app", "delivered")]
        assert ((await scene.view(question))["delivery"], scene.vendors.push.arrived) == ("trying", [])
        scene.world.time.pass_seconds(61)
        await scene.settle()
        told = [(row["channel"], row["status"]) for row in await scene.attempts(question)]
        assert told == [("store_app", "delivered"), ("phone", "delivered")]
        [arrived] = scene.vendors.push.arrived
        assert question.escalation_id in json.dumps(arrived.body)
    await liar.close()


async def a_handle_of_another_relay_is_refused(scene: Reachable, address: dict[str, str]) -> None:
    """A handle is sent to the relay that gave it and to no other: it is refused where it is handed over."""
    owner = scene.world.owner
    body = {"channel": "store_app", "address": {**address, "relay": "https://evil.example"}}
    given = await scene.world.send("PUT", f"/v1/devices/{owner.device_id}/push", by=owner, body=body)
    assert (given.status, given.json()["code"], given.json()["field"]) == (422, "address_invalid", "$.address")
