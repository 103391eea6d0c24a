"""A phone that a hub pushes to: a real hub, a push service that speaks its protocol, a real browser and its worker.

`pushManager.subscribe` of Chromium asks Google, which is not here: what it gives back is the one thing that is stood in
for, by a subscription at the fake push service. What the hub encrypts and sends there is decrypted by it and handed to
the browser's worker, as its own push service does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Worker, expect

from approvals_hub_client.question import Question
from tests.browser.hub import LiveHub, ask
from tests.browser.phone import Phone
from tests.fakes.push_service import Browser, PushService
from tests.fakes.trouble import Arrival

SUBSCRIBE = """(() => {
  if (!('PushManager' in globalThis)) return
  const octets = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const made = () => {
    const kept = localStorage.getItem('test.subscription')
    if (!kept) return null
    const {json, key} = JSON.parse(kept)
    return {
      endpoint: json.endpoint,
      options: {userVisibleOnly: true, applicationServerKey: octets(key).buffer},
      toJSON: () => json,
      unsubscribe: async () => { localStorage.removeItem('test.subscription'); return true },
    }
  }
  PushManager.prototype.getSubscription = async () => made()
  PushManager.prototype.subscribe = async ({applicationServerKey: key, userVisibleOnly}) => {
    if (!userVisibleOnly) throw new DOMException('only what is seen', 'NotAllowedError')
    const json = await globalThis.subscribeAtVendor(key)
    localStorage.setItem('test.subscription', JSON.stringify({json, key}))
    return made()
  }
})()"""
# Chromium forgets what it is about to show when somebody asks what is shown: tests ask in the worker's turn.
NOTIFICATIONS = """() => inTurn(async () => (await registration.getNotifications())
  .map(({title, body, tag, data, lang, actions, renotify, timestamp}) =>
    ({title, body, tag, data, lang, actions, renotify, timestamp})))"""
WIPE = """() => inTurn(async () => {
  for (const one of await registration.getNotifications()) one.close()
  while ((await registration.getNotifications()).length > 0) await new Promise((done) => { setTimeout(done, 20) })
})"""
PRESS = """async ([tag, where]) => {
  const found = {opened: [], focused: []}
  clients.openWindow = async (url) => { found.opened.push(url); return null }
  WindowClient.prototype.focus = async function () { found.focused.push(new URL(this.url).pathname); return this }
  const [one] = await inTurn(() => registration.getNotifications({tag}))
  const event = new NotificationEvent('notificationclick', {notification: one, action: where})
  const done = []
  event.waitUntil = (work) => done.push(work)
  dispatchEvent(event)
  await Promise.all(done)
  return found
}"""


SHOWN_SO_FAR = """() => {
  const own = ServiceWorkerRegistration.prototype
  if (!own.counted) {
    own.counted = own.showNotification
    globalThis.shownSoFar = 0
    own.showNotification = async function (...given) {
      await own.counted.apply(this, given)
      shownSoFar += 1
      wasShown?.()
    }
    globalThis.wasShown = null
    globalThis.shownMoreThan = async (before) => {
      while (shownSoFar <= before) await new Promise((done) => { wasShown = done })
    }
  }
  return shownSoFar
}"""

ID = "tel_" + "0" * 32


def message(told: Told, category: str = "approval", **changes: Any) -> dict[str, Any]:
    """One as the hub makes them."""
    shown = {
        "title": "Ops agent asks for an approval",
        "body": "Nordisk Data AB · medium risk.",
        "navigate": f"{told.phone.url}/app/escalations/esc_1",
        "lang": "en",
        "dir": "auto",
        "tag": "esc_1",
        "data": {"id": ID, "reference": "esc_1", "category": category},
    }
    return {"web_push": 8030, "notification": {**shown, **changes}, "mutable": True}


@dataclass
class Told:
    """A hub that pushes, and its owner's phone."""

    hub: LiveHub
    service: PushService
    phone: Phone
    browser: Browser | None = None
    asked_with: list[str] | None = None
    """The keys that the page subscribed with."""
    registration: str | None = None

    async def open(self, path: str) -> None:
        await self.phone.open(path)

    async def subscribe(self, key: str) -> Any:
        """What the browser's maker answers to `pushManager.subscribe`."""
        self.asked_with = [*(self.asked_with or []), key]
        self.browser = self.service.subscribe(f"phone{len(self.asked_with)}")
        self.service.keep_browser(self.browser)
        return json.loads(self.browser.subscription)

    async def turn_on(self) -> None:
        """Through the switch under Devices."""
        await self.open("/app/devices")
        await self.switch.click()
        await expect(self.switch).to_have_attribute("aria-checked", "true")

    @property
    def switch(self) -> Any:
        return self.phone.page.get_by_role("switch", name="Notifications on this device")

    async def arrival(self, fits: Callable[[Arrival], bool]) -> Arrival:
        """The first message at the push service that fits, when it has come."""
        async with asyncio.timeout(20):
            while True:
                self.service.kept.clear()
                for found in self.service.arrived:
                    if fits(found):
                        return found
                await self.service.kept.wait()

    async def _registration(self) -> str:
        """The worker's registration, as the developer tools name it; they name it once."""
        if self.registration is not None:
            return self.registration
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        scope = f"{self.phone.url}/app/"

        def listen(event: Any) -> None:
            ids = [one["registrationId"] for one in event["registrations"] if one["scopeURL"] == scope]
            if ids and not found.done():
                found.set_result(ids[-1])

        self.phone.cdp.on("ServiceWorker.workerRegistrationUpdated", listen)
        await self.phone.cdp.send("ServiceWorker.enable")
        self.registration = await asyncio.wait_for(found, 20)
        return self.registration

    async def deliver(self, message: Any) -> list[dict[str, Any]]:
        """Hand a message to the worker, as the browser does; returns the notifications that are there then."""
        before = await self.worker().evaluate(SHOWN_SO_FAR)
        await self.deliver_unseen(message)
        await asyncio.wait_for(self.worker().evaluate("(before) => shownMoreThan(before)", before), 20)
        return await self.shown()

    async def deliver_unseen(self, message: Any) -> None:
        """The same, whatever page is open."""
        text = message if isinstance(message, str) else json.dumps(message)
        where = {"origin": self.phone.url, "registrationId": await self._registration()}
        await self.phone.cdp.send("ServiceWorker.deliverPushMessage", {**where, "data": text})

    async def wipe(self) -> None:
        """Take every notification away."""
        await asyncio.wait_for(self.worker().evaluate(WIPE), 20)

    async def shown(self) -> list[dict[str, Any]]:
        """What stands on the lock screen."""
        return list(await self.worker().evaluate(NOTIFICATIONS))

    async def leave(self) -> None:
        """No page of the hub is open any more, and the worker knows."""
        await self.phone.leave()
        async with asyncio.timeout(20):
            while await self.worker().evaluate(
                "clients.matchAll({includeUncontrolled: true}).then((all) => all.length)"
            ):
                await asyncio.sleep(0.02)

    def worker(self) -> Worker:
        """The service worker of the page."""
        return next(one for one in self.phone.context.service_workers if one.url.endswith("/app/sw.js"))

    async def press(self, tag: str, where: str = "") -> dict[str, list[str]]:
        """Press a notification: what is opened and what comes to the front. Neither can be done without a hand."""
        return dict(await self.worker().evaluate(PRESS, [tag, where]))

    async def acknowledged(self, telling_id: str, *kinds: str) -> None:
        """The hub is told exactly this of a message, soon."""

        async def work(tx: Any) -> Any:
            return await tx.rows("SELECT kind FROM telling_receipts WHERE telling_id = :id", id=telling_id)

        async with asyncio.timeout(20):
            while {row["kind"] for row in await self.hub.hub.db.read(work)} != set(kinds):
                await asyncio.sleep(0.02)

    async def asked(self) -> tuple[Question, Arrival]:
        """An agent asks, and what arrives at the push service because of it."""
        question = await ask(await self.hub.agent())
        return question, await self.arrival(lambda one: question.escalation_id in one.body["notification"]["navigate"])

    async def addresses(self) -> list[str]:
        """Where the hub pushes to, by device, masked."""

        async def work(tx: Any) -> Any:
            return await tx.rows("SELECT masked FROM contacts WHERE gone_at IS NULL AND device_id IS NOT NULL")

        return [row["masked"] for row in await self.hub.hub.db.read(work)]

    async def reset(self) -> None:
        """As if nobody had ever turned anything on."""
        if not self.phone.page.url.startswith(f"{self.phone.url}/app/"):
            await self.open("/app/decisions")
        await self.phone.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        # A text of the same origin: what the page was still keeping true would be kept again behind what is done here.
        await self.open("/llms.txt")
        await self.phone.page.evaluate(
            """async () => {
              localStorage.removeItem('test.subscription')
              await new Promise((done) => { indexedDB.deleteDatabase('approvals-hub-push').onsuccess = done })
            }"""
        )
        await self.wipe()

        async def work(tx: Any) -> None:
            await tx.execute("DELETE FROM contacts WHERE device_id IS NOT NULL")

        await self.hub.hub.db.run(work)
        self.service.arrived.clear()
        self.asked_with = None
