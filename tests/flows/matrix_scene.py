"""One approver with an address at each vendor and one to fall back on: what the matrix of faults is written with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import to_text
from approvals_hub.core.ids import new_id
from approvals_hub.notifications.address_book import CONTEXT
from approvals_hub.people import contact_store as contacts
from approvals_hub.plugins import SENDING_SECONDS
from approvals_hub_client.question import Question
from notify.relay_device import RelayDevice
from tests.contracts.channels.stage_relay import HANDLE, device
from tests.contracts.channels.stage_webhook import SECRET, endpoint
from tests.contracts.channels.stage_webpush import CONTACT, PUBLIC
from tests.contracts.channels.stage_webpush import KEY as VAPID
from tests.fakes.chat_webhook import SlackWebhook, TeamsWorkflow
from tests.fakes.hurry import pass_at_once
from tests.fakes.push_service import PushService
from tests.fakes.relay_server import RelayServer
from tests.fakes.sendgrid import KEY, SendGridServer
from tests.fakes.tls import Authority
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.flows.reach_scene import FID, HERE, TOKEN, Reachable, reachable, tables, vendors
from tests.flows.world import TestClock

VENDORS = ("phone", "iphone", "android", "mail", "letters", "sms", "hook", "ops", "office", "store_app")
"""Channels, in the order webpush, apns, fcm, smtp, sendgrid, sms, webhook, slack, teams, relay."""
HOOK = "/hooks/ada-7f3a91c2"
ROOM = "/rooms/ops-1b55c0de"
ROUTE = """
route: {name}
levels:
  - people: [{person}]
    channels: {channels}
then: keep_waiting
"""


@dataclass
class Matrix:
    """The hub, its approver Ada, and the fakes by channel."""

    scene: Reachable
    ada: SoftwarePhone
    fakes: dict[str, Any]
    taken: str = ""
    """The route that questions take now."""

    async def ask(self, route: str, **changes: Any) -> Question:
        """A question that takes this route: a channel's name, or `only_` and it where nothing follows it."""
        owner = self.scene.world.owner
        if route != self.taken:
            await owner.call("PUT", f"{self._org}/default-route", {"route": route, "fresh": await owner.fresh()})
            self.taken = route
        return await self.scene.ask(**changes)

    async def log(self, *, since: int) -> dict[str, list[dict[str, Any]]]:
        """By question, the attempts since this instant as an admin is shown them, oldest first."""
        found: dict[str, list[dict[str, Any]]] = {}
        path = page = f"{self._org}/deliveries?limit=200&since={to_text(since)}"
        while page:
            shown = await self.scene.world.owner.call("GET", page)
            for attempt in shown["items"]:
                found.setdefault(attempt["escalation_id"], []).insert(0, attempt)
            page = f"{path}&cursor={shown['next']}" if shown.get("next") else ""
        return found

    async def health(self) -> dict[str, dict[str, Any]]:
        """How each channel does, as an admin is shown it."""
        page = await self.scene.world.owner.call("GET", f"{self._org}/channels")
        return {channel["name"]: channel["health"] for channel in page["items"]}

    async def shown(self, asked: dict[str, Question], member: str) -> dict[str, Any]:
        """By channel, what an agent is shown of its question there."""
        views = await asyncio.gather(*(self.scene.view(question) for question in asked.values()))
        return {channel: view[member] for channel, view in zip(asked, views, strict=True)}

    async def told(self, asked: dict[str, Question]) -> dict[str, list[dict[str, Any]]]:
        """By channel, what is written down of telling people of the question there."""
        rows = await asyncio.gather(*(self.scene.tellings(question) for question in asked.values()))
        return dict(zip(asked, rows, strict=True))

    async def silence(self, channels: tuple[str, ...], *, messages: int) -> None:
        """Everything that is due is sent to vendors that say nothing; what they are waited for passes at once, when all
        of them have so many messages."""
        settling = asyncio.ensure_future(self.scene.settle())
        under_way = self.scene.world.hub.reach.dispatch._tasks
        while len(under_way) < messages or not all(self.fakes[channel].hurry.silences for channel in channels):
            assert not settling.done()
            await asyncio.sleep(0.01)
        self.scene.world.time.pass_seconds(SENDING_SECONDS)
        pass_at_once(SENDING_SECONDS)
        await settling

    @property
    def _org(self) -> str:
        return f"/v1/orgs/{self.scene.world.org_id}"

    async def later(self, seconds: float) -> None:
        """So much later everything that is due is told; vendors that look at times have the same."""
        self.scene.world.time.pass_seconds(seconds)
        self.set_clocks()
        await self.scene.settle()

    def set_clocks(self) -> None:
        now = self.scene.world.time.clock().now()
        self.fakes["iphone"].now = self.fakes["android"].now = now + 60_000
        self.fakes["hook"]._now = now

    def arrived(self, channel: str, question: Question) -> list[str]:
        """The ids under which a vendor has taken it."""
        return [each.id for each in about(question, self.fakes[channel].arrived, relay=self.fakes["store_app"])]

    async def inbox(self) -> set[str]:
        """What Ada's page shows."""
        return {item["escalation_id"] for item in (await self.ada.inbox())["items"]}

    async def add(self, channel: str, address: str, *, source: str | None = None) -> None:
        """Ada's device has this address, as further devices would."""
        await add(self.scene, self.ada, channel, address, source=source)


def about(question: Question, arrived: list[Any], *, relay: RelayServer) -> list[Any]:
    """What has arrived of it. A relay is told a keyed hash of the question's id."""
    collapse = RelayDevice.read(device(relay.base_url), relay=relay.base_url).collapse(question.escalation_id)
    found = [(each, repr(vars(each)).replace("=\\n", "")) for each in arrived]
    return [each for each, whole in found if question.escalation_id in whole or collapse in whole]


async def add(
    scene: Reachable, person: SoftwarePhone, channel: str, address: str, *, source: str | None = None
) -> None:
    """Somebody's device has this address, on whatever channel, beside those that it has."""
    hub, contact_id = scene.world.hub, new_id("con")

    async def work(tx: Any) -> None:
        await contacts.add(
            tx,
            contact_id=contact_id,
            person_id=person.person_id,
            channel=channel,
            source=source or person.device_id,
            device_id=person.device_id,
            address=await hub.vault.seal_in(tx, person.person_id, address.encode(), CONTEXT + contact_id),
            address_hash=None,
            masked=hub.reach.dispatch.book.settings.channels[channel].masked(address),
            language="en",
            at=hub.clock.now(),
        )

    await hub.db.run(work)


@dataclass
class Others:
    """The vendors that no hub's phone stands behind: a program's endpoint, SendGrid, two chats, and a relay."""

    hooks: WebhookReceiver
    letters: SendGridServer
    slack: SlackWebhook
    teams: TeamsWorkflow
    relay: RelayServer

    def tables(self) -> dict[str, dict[str, Any]]:
        """Their channels in the settings, `hook`, `letters`, `ops`, `office` and `store_app`."""
        letters = {"api_key": KEY, "sender": self.letters.sender, "base_url": self.letters.base_url}
        return {
            "letters": {"kind": "sendgrid", **letters},
            "ops": {"kind": "slack", "hosts": [self.slack.host], "ca_file": "chats.pem", **HERE},
            "office": {"kind": "teams", "hosts": [self.teams.host], "ca_file": "chats.pem", **HERE},
            "store_app": {"kind": "relay", "url": self.relay.base_url},
            "hook": {"kind": "webhook", "ports": [self.hooks.port], "private_networks": ["127.0.0.0/8"]},
        }

    @property
    def address(self) -> str:
        """Of the one endpoint."""
        return endpoint(f"{self.hooks.base_url}{HOOK}")


async def others(stack: AsyncExitStack, folder: Path, *, now: int) -> Others:
    """All listen until the stack is left."""
    chats = Authority()
    (folder / "chats.pem").write_text(chats.pem())
    hooks, relay = WebhookReceiver(Authority(), now=now), RelayServer()
    found = Others(hooks, SendGridServer(), SlackWebhook(chats), TeamsWorkflow(chats), relay)
    relay.handles[HANDLE] = "ada"
    for chat in (found.slack, found.teams):
        chat.hooks.add(ROOM)
    found.hooks._tls = None  # this machine: the hub reaches it without
    found.hooks.secrets[HOOK] = SECRET
    for fake in (found.hooks, found.letters, found.slack, found.teams, relay):
        await fake.open()
        stack.push_async_callback(fake.close)
    return found


@asynccontextmanager
async def matrix(place: str, folder: Path) -> AsyncIterator[Matrix]:
    """All of it, with a route for every channel."""
    time = TestClock()
    now = time.clock().now()
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(vendors(folder, now=now))
        authority = Authority()
        (folder / "backup.pem").write_text(authority.pem())
        (folder / "both.pem").write_text((folder / "ca.pem").read_text() + authority.pem())
        backup = PushService(authority, PUBLIC, now=now)
        await backup.open()
        stack.push_async_callback(backup.close)
        beside = await others(stack, folder, now=now)
        more = {
            "backup": {
                "kind": "webpush",
                "ca_file": "backup.pem",
                "private_key": VAPID,
                "contact": CONTACT,
                "hosts": [backup.host],
                **HERE,
            },
            # Browsers of two makers on one channel.
            "phone": {**tables(found)["phone"], "ca_file": "both.pem", "hosts": [found.push.host, backup.host]},
            **beside.tables(),
        }
        scene = await stack.enter_async_context(reachable(place, folder, time=time, found=found, more=more))
        every = (found.push, found.apple, found.google, found.mails, beside.letters, found.texts, beside.hooks)
        every = (*every, beside.slack, beside.teams, beside.relay)
        fakes: Mapping[str, Any] = dict(zip(VENDORS, every, strict=True))
        scene.bot.transport.clock = time.clock().now
        made = Matrix(scene, await scene.world.person("Ada"), {**fakes, "backup": backup})
        await _addresses(made, found.push, backup, beside)
        await _routes(made)
        await scene.settle()
        for fake in made.fakes.values():
            fake.arrived.clear()
        yield made


async def _addresses(made: Matrix, push: PushService, backup: PushService, beside: Others) -> None:
    for service, channel in ((push, "phone"), (backup, "backup")):
        browser = service.subscribe("ada")
        service.keep_browser(browser)
        await made.add(channel, browser.subscription)
    await made.add("iphone", json.dumps({"token": TOKEN, "registered_at": 1}))
    await made.add("android", json.dumps({"fid": FID}))
    await made.add("hook", beside.address)
    await made.add("store_app", device(beside.relay.base_url))
    await made.add("ops", beside.slack.url(ROOM))
    await made.add("office", beside.teams.url(ROOM))
    as_ada = replace(made.scene, world=replace(made.scene.world, owner=made.ada))
    await as_ada.link("email_otp")
    await as_ada.link("sms_otp")


async def _routes(made: Matrix) -> None:
    owner, org = made.scene.world.owner, made.scene.world.org_id
    # Each cell takes four questions of the same agent and person within minutes.
    wide = {kind: {"burst": 1000, "hourly": 1000} for kind in ("agent", "person", "pair")}
    await owner.call("PUT", f"/v1/orgs/{org}/limits", {**wide, "fresh": await owner.fresh()})
    for channel in VENDORS:
        for name, channels in ((channel, f"[{channel}, backup]"), (f"only_{channel}", f"[{channel}]")):
            text = ROUTE.format(name=name, person=made.ada.person_id, channels=channels)
            await owner.call("PUT", f"/v1/orgs/{org}/routes/{name}", {"yaml": text})
