"""The worker's half of a push: it shows, says so, and leads to the question; it never decides."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import expect

from tests.browser.hub import ask
from tests.browser.push.scene import ID, Told, message
from web.routes import STATIC

HAD = """async (hadTheirDay) => {
  const {active} = await navigator.serviceWorker.getRegistration('/app/')
  active.postMessage({hadTheirDay})
}"""
ASKED = """() => {
  globalThis.asked = 0
  const own = ServiceWorkerRegistration.prototype, {getNotifications} = own
  own.getNotifications = function (...given) { asked += 1; return getNotifications.apply(this, given) }
}"""
FORGET_SEAL = """async () => {
  const open = indexedDB.open('approvals-hub-push')
  await new Promise((done) => { open.onsuccess = done })
  const store = open.result.transaction('told', 'readwrite').objectStore('told')
  const get = store.get('this')
  await new Promise((done) => { get.onsuccess = done })
  const extractable = get.result.seal.privateKey.extractable
  const put = store.put({...get.result, seal: null}, 'this')
  await new Promise((done) => { put.onsuccess = done })
  open.result.close()
  if (extractable) throw new Error('the key can be taken out')
}"""


async def test_a_question_goes_from_the_agent_to_the_lock_screen_and_back_to_its_card(told: Told) -> None:
    await told.turn_on()
    question, arrived = await told.asked()
    [shown] = await told.deliver(arrived.body)
    assert (shown["title"], shown["tag"]) == ("Ops agent asks for an approval", question.escalation_id)
    assert "prod-eu-1" not in repr(shown)
    assert [(one["action"], one["title"]) for one in shown["actions"]] == [("review", "Review"), ("deny", "Deny")]
    await told.acknowledged(arrived.id, "delivered")
    assert await told.press(shown["tag"]) == {"opened": [], "focused": ["/app/devices"]}
    await expect(told.phone.page.locator(".answers")).to_be_visible()
    assert told.phone.page.url.endswith(question.escalation_id)
    await told.acknowledged(arrived.id, "delivered", "opened")


async def test_a_press_on_any_part_of_it_opens_the_question_and_answers_nothing(told: Told) -> None:
    await told.turn_on()
    question, arrived = await told.asked()
    path = f"/app/escalations/{question.escalation_id}"
    for action in ("approve", "not_me", "review", "__proto__", "", "deny"):
        await told.open("/app/decisions")
        [shown] = await told.deliver(arrived.body)
        await told.leave()
        leads = f"{path}/denial" if action == "deny" else path
        assert await told.press(shown["tag"], action) == {"opened": [leads], "focused": []}
    await told.open("/app/decisions")
    await told.phone.sees("No answers yet")
    assert "/decisions'" not in (STATIC / "app" / "sw.js").read_text().replace("'/app/decisions'", "")


async def test_what_no_hub_sent_shows_something_neutral_and_leads_to_the_inbox(told: Told) -> None:
    await told.open("/app/decisions")
    sound = message(told)["notification"]
    foreign: list[Any] = [
        "",
        "no JSON",
        "null",
        "[]",
        "7",
        "\u0000",
        {},
        {"notification": None},
        {"notification": {**sound, "title": 7}},
        {"notification": {**sound, "title": " "}},
        {"notification": {**sound, "body": ["x"]}},
        {"notification": {**sound, "data": None}},
        {"notification": {**sound, "data": None, "tag": None}},
        json.dumps(message(told))[:-9],
    ]
    for each in foreign:
        [shown] = await told.deliver(each)
        assert (shown["title"], shown["body"]) == ("Approvals Hub", "There is something new. Open it to see."), each
        assert shown["data"]["path"] == "/app/"
        await told.wipe()


async def test_a_push_leads_nowhere_but_to_this_hubs_own_pages(told: Told) -> None:
    await told.open("/app/decisions")
    own = told.phone.url
    attacks = [
        "https://evil.example/app/escalations/esc_1",
        f"{own}@evil.example/app/escalations/esc_1",
        f"//evil.example/{own}/app/",
        "javascript:alert(1)",
        "data:text/html,<b>x</b>",
        f"{own}/v1/session",
        f"{own}/app/../v1/session",
        f"{own}/app/enrol#a-token-of-somebody-else",
        f"{own}/app/recover#token",
        f"{own}/app/static/x/app/icon.svg",
        f"{own}/app/escalations/esc_1/../../enrol",
        f"{own}/app/escalations/a%2f..%2fenrol",
        "",
        7,
        None,
    ]
    for number, link in enumerate(attacks):
        await told.deliver(message(told, navigate=link, tag=f"t{number}"))
    await told.leave()
    for number, link in enumerate(attacks):
        assert await told.press(f"t{number}") == {"opened": ["/app/"], "focused": []}, link


async def test_what_stands_behind_the_address_of_a_push_is_left_out(told: Told) -> None:
    for place in ("devices", "notices"):
        [shown] = await told.deliver(message(told, navigate=f"{told.phone.url}/app/{place}?x=1#token"))
        assert shown["data"]["path"] == f"/app/{place}"


async def test_the_end_takes_the_place_of_the_question_and_a_late_copy_does_not_bring_it_back(told: Told) -> None:
    [first] = await told.deliver(message(told))
    assert first["renotify"]
    over = message(
        told, "notice", title="Already decided by Bo Ek", data={"id": f"end_{'0' * 32}", "category": "notice"}
    )
    [shown] = await told.deliver(over)
    assert (shown["title"], shown["renotify"]) == ("Already decided by Bo Ek", False)
    other = message(told, title="Another", tag="esc_2")
    assert len(await told.deliver(other)) == 2
    late = message(told, data={"id": f"tel_{'1' * 32}", "category": "approval"})
    assert {one["title"] for one in await told.deliver(late)} == {"Another", "Already decided by Bo Ek"}


async def test_the_same_message_twice_disturbs_once(told: Told) -> None:
    await told.deliver(message(told))
    [shown] = await told.deliver(message(told))
    assert not shown["renotify"]


async def test_it_is_shown_also_where_the_hub_cannot_be_told_and_said_when_it_can(told: Told) -> None:
    await told.turn_on()
    _, arrived = await told.asked()
    await told.phone.context.set_offline(True)
    assert len(await told.deliver(arrived.body)) == 1
    await told.acknowledged(arrived.id)
    await told.phone.context.set_offline(False)
    await told.acknowledged(arrived.id, "delivered")


async def test_after_a_night_the_key_of_the_browser_says_that_a_message_arrived(told: Told) -> None:
    await told.turn_on()
    _, arrived = await told.asked()
    await told.leave()
    await told.phone.context.clear_cookies()
    await told.phone.page.goto(f"{told.phone.url}/app/manifest.webmanifest")
    await told.deliver_unseen(arrived.body)
    await told.acknowledged(arrived.id, "delivered")


async def test_an_address_that_the_browser_replaced_is_told_to_the_hub_by_the_worker(told: Told) -> None:
    await told.turn_on()
    [before] = await told.addresses()
    fresh = told.service.subscribe("other")
    told.service.keep_browser(fresh)
    worker = next(one for one in told.phone.context.service_workers if one.url.endswith("/app/sw.js"))
    await worker.evaluate(
        """async (json) => {
          const event = new ExtendableEvent('pushsubscriptionchange')
          const done = []
          event.waitUntil = (work) => done.push(work)
          event.newSubscription = {toJSON: () => json}
          dispatchEvent(event)
          await Promise.all(done)
        }""",
        json.loads(fresh.subscription),
    )
    [after] = await told.addresses()
    assert after != before
    assert after.endswith(fresh.endpoint[-4:])


async def test_what_is_over_or_looked_at_stands_on_no_lock_screen_when_the_page_is_open(told: Told) -> None:
    await told.open("/app/decisions")
    agent = await told.hub.agent()
    withdrawn, open_one, looked_at = [await ask(agent, {"n": n}) for n in range(3)]
    await agent.withdraw(withdrawn)
    await told.phone.page.goto(f"{told.phone.url}/app/manifest.webmanifest")
    for question in (withdrawn, open_one, looked_at):
        await told.deliver(message(told, tag=question.escalation_id))
    await told.phone.card(looked_at.escalation_id)
    async with asyncio.timeout(20):
        while {one["tag"] for one in await told.shown()} != {open_one.escalation_id}:
            await asyncio.sleep(0.02)


async def test_the_page_loses_nothing_that_is_shown_at_the_moment_when_it_takes_away_what_is_over(told: Told) -> None:
    await told.open("/app/decisions")
    # Asked at the wrong moment, Chromium forgets what it is about to show: only the worker asks, one after another.
    await told.phone.page.evaluate(ASKED)
    await told.deliver(message(told, tag="looked at"))
    agent = await told.hub.agent()
    for number in range(3):
        question = await ask(agent, {"n": number})
        await told.phone.page.evaluate(HAD, {"open": [question.escalation_id], "heard": 8.64e15})
        shown = {one["tag"]: one for one in await told.deliver(message(told, tag=question.escalation_id))}
        assert question.escalation_id in shown
    assert await told.phone.page.evaluate("asked") == 0
    # What the page asked for before something was shown says nothing about it, but where it waited and is over.
    heard = shown[question.escalation_id]["data"]["at"] - 1
    await told.phone.page.evaluate(HAD, {"open": [], "heard": heard})
    await told.phone.page.evaluate(HAD, {"seen": "looked at"})
    async with asyncio.timeout(20):
        while "looked at" in (left := {one["tag"] for one in await told.shown()}):
            await asyncio.sleep(0.02)
    assert left == {question.escalation_id}
    await told.phone.page.evaluate(HAD, {"open": [], "over": [question.escalation_id], "heard": heard})
    async with asyncio.timeout(20):
        while await told.shown():
            await asyncio.sleep(0.02)


async def test_what_is_asked_is_read_on_the_lock_screen_where_it_is_sealed_and_by_no_other_device(told: Told) -> None:
    hub, operator = told.hub.hub, told.hub.operator
    await told.turn_on()
    await hub.set_disclosure(operator, {"push": "sealed"})
    _, arrived = await told.asked()
    least = arrived.body["notification"]
    assert "prod-eu-1" not in repr(arrived.body)
    [shown] = await told.deliver(arrived.body)
    assert shown["title"] == "Ops agent asks for an approval"
    assert "prod-eu-1" in shown["body"]
    await told.acknowledged(arrived.id, "delivered")
    await told.wipe()
    # Replayed in another notification, cut, or with no seal key here any more: the least is shown.
    data = least["data"]
    sealed = data["sealed"]
    attacks: list[dict[str, Any]] = [
        {"reference": "esc_1"},
        {"id": ID},
        {"sealed": sealed[:-4]},
        {"sealed": "A" * len(sealed)},
        {"sealed": ""},
        {"sealed": "-" * 5000},
        {"category": "notice"},
    ]
    for attack in attacks:
        [shown] = await told.deliver({**arrived.body, "notification": {**least, "data": {**data, **attack}}})
        assert shown["body"] == least["body"], attack
        await told.wipe()
    await told.phone.page.evaluate(FORGET_SEAL)
    [shown] = await told.deliver(arrived.body)
    assert shown["body"] == least["body"]
    await hub.set_disclosure(operator, {})
