"""A hub whose organisation sets up its own channels, and every vendor that takes them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from approvals_hub.notifications.allowed import OwnChannels
from approvals_hub_client import AsyncHub
from approvals_hub_client.question import Question
from tests.contracts.channels.stage_apns import PEM
from tests.contracts.channels.stage_relay import HANDLE, TOPIC_KEY
from tests.contracts.channels.stage_webhook import SECRET
from tests.contracts.channels.stage_webpush import CONTACT
from tests.contracts.channels.stage_webpush import KEY as VAPID
from tests.fakes.apns_server import KEY_ID, TEAM_ID, TOPIC
from tests.fakes.chat_webhook import SlackWebhook, TeamsWorkflow
from tests.fakes.google_push import service_account
from tests.fakes.relay_server import RelayServer
from tests.fakes.sendgrid import KEY as SENDGRID_KEY
from tests.fakes.sendgrid import SendGridServer
from tests.fakes.sms_gateway import PASSWORD as GATEWAY_PASSWORD
from tests.fakes.sms_gateway import USER as GATEWAY_USER
from tests.fakes.smtp_server import PASSWORD, USER
from tests.fakes.tls import Authority
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.flows.reach_scene import WAYS, Vendors, vendors
from tests.flows.test_step_up_codes import mail_table, sms_table
from tests.flows.world import TestClock, World, serve, set_up

SLACK_PATH = "/services/T0ACME000/B0OPS0000/f3a1c0dewebhook000000Ops"
TEAMS_PATH = "/workflows/0a1b2c/triggers/manual/paths/invoke?api-version=2016-06-01&sig=f3a1-c0de_Ops"
HOOK_PATH = "/hooks/ops-7f3a91c0"
SECRETS = (PASSWORD, GATEWAY_PASSWORD, SENDGRID_KEY, SECRET, VAPID, SLACK_PATH, TEAMS_PATH, HOOK_PATH, PEM[40:90])
"""What nobody reads again."""


@dataclass
class Rooms:
    """The vendors that take messages for a room, one more for mail, and a relay."""

    slack: SlackWebhook
    teams: TeamsWorkflow
    hook: WebhookReceiver
    letters: SendGridServer
    relay: RelayServer

    def all_that_arrived(self) -> list[Any]:
        return [
            each for vendor in (self.slack, self.teams, self.hook, self.letters, self.relay) for each in vendor.arrived
        ]


@dataclass
class OwnScene:
    """The hub, its owner, an agent, and the vendors."""

    world: World
    vendors: Vendors
    rooms: Rooms
    bot: AsyncHub

    @property
    def path(self) -> str:
        return f"/v1/orgs/{self.world.org_id}/channels"

    def settings(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Name → kind and settings, of every kind."""
        found, rooms = self.vendors, self.rooms
        gateway = {"kind": "46elks", "username": GATEWAY_USER, "password": GATEWAY_PASSWORD}
        apple = {"key": PEM, "key_id": KEY_ID, "team_id": TEAM_ID, "topic": TOPIC}
        account = service_account(found.google.base_url)
        mails = {"host": "localhost", "port": found.mails.port, "sender": "ops@example.com"}
        return {
            "browsers": ("webpush", {"private_key": VAPID, "contact": CONTACT, "hosts": [found.push.host]}),
            "iphones": ("apns", {**apple, "host": "localhost", "port": found.apple.port}),
            "androids": ("fcm", {"service_account": account, "base_url": found.google.base_url}),
            "apps": ("relay", {"url": rooms.relay.base_url}),
            "post": ("smtp", {**mails, "username": USER, "password": PASSWORD}),
            "letters": (
                "sendgrid",
                {"api_key": SENDGRID_KEY, "sender": rooms.letters.sender, "base_url": rooms.letters.base_url},
            ),
            "texts": ("sms", {"sender": "Ops", "gateway": {**gateway, "base_url": found.texts.base_url}}),
            "ops": ("slack", {"url": rooms.slack.url(SLACK_PATH), "hosts": [rooms.slack.host]}),
            "office": ("teams", {"url": rooms.teams.url(TEAMS_PATH), "hosts": [rooms.teams.host]}),
            "program": ("webhook", {"url": rooms.hook.base_url + HOOK_PATH, "secrets": [SECRET]}),
        }

    def handle(self) -> dict[str, str]:
        """What a native app of the relay hands over."""
        return {"relay": self.rooms.relay.base_url, "handle": HANDLE, "topic_key": TOPIC_KEY}

    async def put(self, name: str, kind: str, settings: dict[str, Any], **members: Any) -> Any:
        """Set up a channel, with a fresh factor."""
        owner = self.world.owner
        body = {"kind": kind, "settings": settings, "fresh": await owner.fresh(), **members}
        return await self.world.send("PUT", f"{self.path}/{name}", by=owner, body=body)

    async def made(self, name: str, **members: Any) -> Any:
        """Set up one of `settings`; the answer."""
        kind, settings = self.settings()[name]
        given = await self.put(name, kind, settings, **members)
        assert given.status == 200, given
        return given.json()

    async def ask(self, **changes: Any) -> Question:
        return await self.bot.ask("db.drop", {"note": "canary-payload-7391", "n": os.urandom(4).hex()}, **changes)

    async def settle(self) -> None:
        await self.world.hub.reach.settled()

    async def deliveries(self, query: str = "") -> Any:
        path = f"/v1/orgs/{self.world.org_id}/deliveries{query}"
        return (await self.world.send("GET", path, by=self.world.owner)).json()


@asynccontextmanager
async def own_scene(place: str, folder: Path, *, private: bool = True) -> AsyncIterator[OwnScene]:
    """The settings have mail and SMS, for codes; inner addresses are only reached where the operator allows them."""
    time = TestClock()
    now = time.clock().now()
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(vendors(folder, now=now))
        authority = Authority()
        rooms = Rooms(
            SlackWebhook(authority),
            TeamsWorkflow(authority),
            WebhookReceiver(authority, now=now),
            SendGridServer(),
            RelayServer(),
        )
        for vendor in (rooms.slack, rooms.teams, rooms.hook, rooms.letters, rooms.relay):
            await vendor.open()
            stack.push_async_callback(vendor.close)
        rooms.relay.handles[HANDLE] = HANDLE
        rooms.slack.hooks.add(SLACK_PATH)
        rooms.teams.hooks.add(TEAMS_PATH.partition("?")[0])
        rooms.hook.secrets[HOOK_PATH] = SECRET
        (folder / "own-ca.pem").write_text((folder / "ca.pem").read_text() + authority.pem())
        networks = ["127.0.0.0/8", "::1/128"] if private else []
        allowed = OwnChannels(private_networks=networks, ports=(rooms.hook.port,), ca_file=Path("own-ca.pem"))
        world = await stack.enter_async_context(
            serve(
                folder,
                place,
                time=time,
                step_up=WAYS,
                mail=mail_table(found.mails, folder),
                sms=sms_table(found.texts),
                own_channels=allowed,
            )
        )
        await set_up(world)
        yield OwnScene(world, found, rooms, await world.agent())
