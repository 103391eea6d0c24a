"""A native app is told through its publisher's relay: from a question at the hub to the bytes at Apple and Google."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import to_milliseconds
from approvals_hub_client.question import Question
from tests.contracts.channels.stage_relay import HANDLE, TOPIC_KEY
from tests.fakes import google_push
from tests.fakes.gate import Gate, gates
from tests.fakes.relay_server import RelayServer
from tests.fakes.trouble import Arrival, Trouble
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import ROUTE, add
from tests.flows.process import WITHIN
from tests.flows.reach_scene import CONTEXT, FID, JUSTIFICATION, PAYLOAD, TOKEN, Reachable, reachable, vendors
from tests.flows.relay_scene import NativeApp, RunningRelay, running_relay
from tests.flows.world import TestClock

DOWN = "the relay answers 503 vendor_unavailable"
WORDS = {"en": "There is something new. Open it to see.", "sv": "Det har hänt något nytt. Öppna för att se."}


async def test_questions_wake_native_apps_through_the_relay_in_good_times_and_bad_and_it_learns_nothing_of_them(
    database_place: Path | str, tmp_path: Path
) -> None:
    time = TestClock()
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(vendors(tmp_path, now=time.clock().now()))
        [gate] = await stack.enter_async_context(gates(found.google))
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
        bad = [
            *await vendors_in_trouble(scene, dict(zip(("apple", "google"), people, strict=True))),
            await killed_in_the_middle(scene, relay, gate, android, people),
            await phone_that_is_gone(scene, relay, iphone, people),
        ]
        await learns_nothing(scene, relay, [question, *bad], (iphone, android))
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


async def vendors_in_trouble(scene: Reachable, people: dict[str, SoftwarePhone]) -> list[Question]:
    """A vendor that asks to wait, and one that cannot be reached: the relay says which, the hub tries again in time."""
    apple, google, time = scene.vendors.apple, scene.vendors.google, scene.world.time
    with apple.plays(Trouble.THROTTLED), google.plays(Trouble.THROTTLED):
        throttled = await scene.ask()
        await scene.settle()
    said = {"apple": ("the relay answers 429 too_many_wakes", 60), "google": (DOWN, google_push.WAIT)}
    await waits_for(scene, throttled, people, said)
    time.pass_seconds(61)
    await scene.settle()
    await has_arrived_once(scene, throttled, people)
    async with apple.is_down():
        with google.plays(Trouble.BROKEN):
            outage = await scene.ask()
            await scene.settle()
    await waits_for(scene, outage, people, {"apple": (DOWN, 10), "google": (DOWN, 10)})
    time.pass_seconds(11)
    await scene.settle()
    await has_arrived_once(scene, outage, people)
    return [throttled, outage]


async def waits_for(
    scene: Reachable, question: Question, people: dict[str, SoftwarePhone], said: dict[str, tuple[str, int]]
) -> None:
    """What the admin, the agent and the approver are shown: none of the vendor's words, and for how long it waits."""
    log = await deliveries(scene, question)
    tellings = {row["person_id"]: row for row in await scene.tellings(question)}
    for vendor, person in people.items():
        words, seconds = said[vendor]
        [attempt] = [each for each in log if each["person_id"] == person.person_id]
        assert (attempt["status"], attempt["said"], attempt["provider_id"]) == ("later", words, None), vendor
        wait = tellings[person.person_id]["send_at"] - to_milliseconds(attempt["at"])
        assert abs(wait - seconds * 1000) <= 3000, (vendor, wait)
        assert question.escalation_id in {item["escalation_id"] for item in (await person.inbox())["items"]}
    path = f"/v1/orgs/{scene.world.org_id}/channels/store_app"
    health = (await scene.world.owner.call("GET", path))["health"]
    assert health["last_error"]["said"] in {words for words, _ in said.values()}
    assert (await scene.view(question))["delivery"] == "trying"


async def has_arrived_once(scene: Reachable, question: Question, people: dict[str, SoftwarePhone]) -> None:
    """Under the names that it had before."""
    tellings = {row["person_id"]: row["id"] for row in await scene.tellings(question)}
    for vendor, person in people.items():
        arrived = [
            each.text for each in getattr(scene.vendors, vendor).arrived if of(each) == tellings[person.person_id]
        ]
        assert len(arrived) == 1, vendor
    log = sorted((each["person_id"], each["at"], each["status"]) for each in await deliveries(scene, question))
    assert [status for _, _, status in log] == ["later", "delivered"] * len(people)


async def deliveries(scene: Reachable, question: Question) -> list[dict[str, Any]]:
    """The delivery log as an admin is shown it."""
    path = f"/v1/orgs/{scene.world.org_id}/deliveries?escalation={question.escalation_id}"
    return list((await scene.world.owner.call("GET", path))["items"])


def of(arrival: Arrival) -> str:
    """The message's id, as the app is handed it by either vendor."""
    return str((arrival.body.get("hub") or arrival.body["data"])["id"])


async def killed_in_the_middle(
    scene: Reachable, relay: RunningRelay, gate: Gate, app: NativeApp, people: list[SoftwarePhone]
) -> Question:
    """Between what Google has taken and what the hub is told, with SIGKILL: the hub sends it again under the same name,
    to a relay that remembers nothing, and what the phone shows takes its own place."""
    gate.plays(mute=True)
    question = await scene.ask()
    settling = asyncio.ensure_future(scene.settle())
    async with asyncio.timeout(WITHIN):
        await gate.taken.wait()
        while [row["status"] for row in await scene.attempts(question)] != ["delivered"]:
            await asyncio.sleep(0.02)
    assert await relay.end(signal.SIGKILL) == -signal.SIGKILL
    await settling
    [lost] = [each for each in await deliveries(scene, question) if each["person_id"] == people[1].person_id]
    assert (lost["status"], lost["provider_id"]) == ("later", None)
    assert "broke off" in lost["said"]
    gate.plays()
    await relay.start()
    scene.world.time.pass_seconds(11)
    await scene.settle()
    told = {row["person_id"]: row for row in await scene.tellings(question)}[people[1].person_id]
    assert (told["state"], told["attempts"]) == ("sent", 2)
    twice = [each for each in scene.vendors.google.arrived if of(each) == told["id"]]
    assert len(twice) == 2
    assert {(each.body["data"]["tag"], each.body["data"]["reference"]) for each in twice} == {
        (app.collapse(question.escalation_id), app.topic(told["id"]))
    }
    return question


async def phone_that_is_gone(
    scene: Reachable, relay: RunningRelay, app: NativeApp, people: list[SoftwarePhone]
) -> Question:
    """Apple says 410 of its token: relay and hub forget it, and the handle wakes nobody any more."""
    apple = scene.vendors.apple
    del apple.devices[TOKEN]
    apple.gone[TOKEN] = scene.world.time.clock().now() + 3600_000
    question = await scene.ask()
    await scene.settle()
    found = {each["person_id"]: (each["status"], each["said"]) for each in await deliveries(scene, question)}
    assert found[people[0].person_id] == ("gone", "the relay answers 410 handle_gone")
    assert found[people[1].person_id] == ("delivered", None)
    asked = len(apple.arrived)
    wake = {"id": "tel_again", "topic": "0" * 64, "collapse": "0" * 32, "ttl": 60, "priority": "high"}
    status, told = await relay.ask("POST", "/v1/wakes", wake, carrying=app.handle)
    assert (status, told["code"], len(apple.arrived)) == (410, "handle_gone", asked)
    following = await scene.ask()
    await scene.settle()
    assert {each["person_id"] for each in await deliveries(scene, following)} == {people[1].person_id}
    assert question.escalation_id in {item["escalation_id"] for item in (await people[0].inbox())["items"]}
    return question


async def learns_nothing(
    scene: Reachable, relay: RunningRelay, asked: list[Question], apps: tuple[NativeApp, ...]
) -> None:
    """Nothing of the question, the hub or its people is at the relay or a vendor; nothing of a wake stays there."""
    port = scene.world.base_url.rpartition(":")[2]
    secret = [
        PAYLOAD,
        JUSTIFICATION,
        CONTEXT,
        "Canary",
        scene.world.org_id,
        *(question.escalation_id for question in asked),
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
    assert [row["status"] for row in await scene.attempts(question)] == ["gone"]
    following = await scene.ask()
    await scene.settle()
    assert await scene.attempts(following) == []
    assert (await scene.view(following))["delivery"] == "unreachable"


async def test_a_relay_that_lies_about_delivery_is_found_out_by_the_missing_receipt_and_the_route_goes_on(
    database_place: Path | str, tmp_path: Path
) -> None:
    liar = RelayServer()
    liar.handles[HANDLE] = "whom it never wakes"
    await liar.open()
    more = {"store_app": {"kind": "relay", "url": liar.base_url}}
    async with reachable(url_of(database_place), tmp_path, more=more) as scene:
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
