"""A hub is killed with SIGKILL between a question and its vendors: nothing is lost, and nothing told under two names.

| killed | what vendors have by then | what the next process does |
|---|---|---|
| between claim and send | nothing | sends it when the lease is over |
| between send and mark | the message, once | sends it again, under the same name |
| after the mark | the message | nothing |

Nothing is left to chance: a gate before each vendor holds what passes, and the kill comes then.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.notifications.dispatch import LEASE
from approvals_hub_client.question import Question
from tests.contracts.channels.stage_relay import device
from tests.fakes.gate import Gate, gates
from tests.fakes.trouble import Arrival
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import ROOM, Others, about, add, others
from tests.flows.mortal import Mortals, mortals
from tests.flows.reach_scene import FID, TOKEN, Reachable, reachable, vendors
from tests.flows.world import TestClock

PEOPLE = ("Ada", "Bo", "Cy", "Di", "Ed", "Fo", "Gry", "Hal", "Ina", "Jo")
ROUTES = {
    "phones": (0, 4, "phone, iphone, android, mail"),
    "rooms": (4, 10, "hook, letters, sms, ops, office, store_app"),
}
"""Who of the people is told by which, and over what; each has one of its channels."""
WITHIN = 60.0
"""Seconds for what another process does."""


@dataclass
class Deadly:
    """Ten people, each told over another channel, and hubs that die."""

    scene: Reachable
    beside: Others
    gates: list[Gate]
    hubs: Mortals
    ahead: int = 0
    """Milliseconds by which the clock of the next hub is ahead of the agent's and of the one that it asks."""

    def later(self) -> int:
        """The leases of whoever died are over; the vendors' clocks go on as well."""
        self.ahead += LEASE + 1000
        self.scene.vendors.apple.now += LEASE + 1000
        self.scene.vendors.google.now += LEASE + 1000
        self.beside.hooks._now += LEASE + 1000
        return self.ahead

    def play(self, **mood: bool) -> None:
        for gate in self.gates:
            gate.plays(**mood)

    async def everywhere(self, event: str) -> None:
        """At every gate."""
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(*(getattr(gate, event).wait() for gate in self.gates))

    async def ask(self) -> tuple[Question, ...]:
        """Of everybody at the same time: a route has room for eight channels, so one question for some, and another for
        the rest."""
        owner, org = self.scene.world.owner, self.scene.world.org_id
        asked = []
        for route in ROUTES:
            body = {"route": route, "fresh": await owner.fresh()}
            await owner.call("PUT", f"/v1/orgs/{org}/default-route", body)
            asked.append(await self.scene.ask())
        return tuple(asked)

    async def tellings(self, asked: tuple[Question, ...]) -> list[dict[str, Any]]:
        return [row for question in asked for row in await self.scene.tellings(question)]

    async def sent(self, asked: tuple[Question, ...]) -> list[dict[str, Any]]:
        """The tellings, when all of them are marked as sent: by whom is seen in the database alone."""
        async with asyncio.timeout(WITHIN):
            while {row["state"] for row in await self.tellings(asked)} != {"sent"}:
                await asyncio.sleep(0.02)
        return await self.tellings(asked)

    def names(self, asked: tuple[Question, ...]) -> Counter[tuple[str, str]]:
        """How often the vendors have taken what, by the name that it has there."""
        beside = (self.beside.hooks, self.beside.letters, self.beside.slack, self.beside.teams, self.beside.relay)
        found = [*self.scene.vendors.all_that_arrived(), *(each for fake in beside for each in fake.arrived)]
        relay = self.beside.relay
        return Counter(name(each) for question in asked for each in about(question, found, relay=relay))


def name(arrival: Arrival) -> tuple[str, str]:
    """What the vendor knows a message by; the gateway of SMS and chats have nothing but where it goes and the text."""
    headers = {key.lower(): value for key, value in arrival.headers.items()}
    return headers.get("apns-id") or arrival.id or f"{arrival.to} {arrival.text}", headers.get("topic", "")


@pytest.fixture
async def deadly(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Deadly]:
    async with AsyncExitStack() as stack:
        time = TestClock()
        found = await stack.enter_async_context(vendors(tmp_path, now=time.clock().now()))
        beside = await others(stack, tmp_path, now=time.clock().now())
        every = (found.push, found.apple, found.google, found.mails, found.texts, beside.hooks, beside.letters)
        every = (*every, beside.slack, beside.teams, beside.relay)
        stood = await stack.enter_async_context(gates(*every))
        place = url_of(database_place)
        scene = await stack.enter_async_context(
            reachable(place, tmp_path, time=time, found=found, more=beside.tables())
        )
        people = [await scene.world.person(name) for name in PEOPLE]
        await scene.browser("ada", by=people[0])
        await scene.register("iphone", {"token": TOKEN}, by=people[1])
        await scene.register("android", {"fid": FID}, by=people[2])
        for person, method in zip(people[3:5], ("email_otp", "sms_otp"), strict=True):
            await replace(scene, world=replace(scene.world, owner=person)).link(method)
        await add(scene, people[5], "hook", beside.address)
        await add(scene, people[6], "letters", "gry@example.se")
        await add(scene, people[7], "ops", beside.slack.url(ROOM))
        await add(scene, people[8], "office", beside.teams.url(ROOM))
        await add(scene, people[9], "store_app", device(beside.relay.base_url))
        await _routes(scene, [person.person_id for person in people])
        await scene.settle()
        hubs = await stack.enter_async_context(mortals(scene.world.place, tmp_path))
        yield Deadly(scene, beside, stood, hubs)


async def _routes(scene: Reachable, people: list[str]) -> None:
    """All at once, each over the first of these that reaches them."""
    owner, org = scene.world.owner, scene.world.org_id
    for name, (first, last, channels) in ROUTES.items():
        level = f"  - people: [{', '.join(people[first:last])}]\n    channels: [{channels}]\n    ack_within: 60m\n"
        text = f"route: {name}\nlevels:\n{level}then: keep_waiting\n"
        await owner.call("PUT", f"/v1/orgs/{org}/routes/{name}", {"yaml": text})


async def test_whoever_is_killed_on_the_way_to_ten_vendors_is_followed_by_one_that_sends_what_was_due_and_no_more(
    deadly: Deadly,
) -> None:
    hubs = deadly.hubs
    asked = await deadly.ask()

    deadly.play(shut=True)
    hub = await hubs.born(deadly.ahead)
    await deadly.everywhere("came")
    hubs.kill(hub)
    assert {(row["state"], row["attempts"]) for row in await deadly.tellings(asked)} == {("waiting", 1)}
    assert deadly.names(asked) == {}

    deadly.play(mute=True)
    hub = await hubs.born(deadly.later())
    await deadly.everywhere("taken")
    hubs.kill(hub)
    once = deadly.names(asked)
    assert (len(once), set(once.values())) == (10, {1})
    assert {(row["state"], row["attempts"]) for row in await deadly.tellings(asked)} == {("waiting", 2)}

    deadly.play()
    hub = await hubs.born(deadly.later())
    told = await deadly.sent(asked)
    hubs.kill(hub)
    again = deadly.names(asked)
    assert (again.keys(), set(again.values())) == (once.keys(), {2})
    assert len({row["channel"] for row in told}) == 10
    assert all(row["settled_at"] < row["expires_at"] for row in told)

    following = await deadly.ask()
    await hubs.born(deadly.later())
    await deadly.sent(following)
    assert deadly.names(asked) == again
    assert (len(deadly.names(following)), set(deadly.names(following).values())) == (10, {1})
    # The log has a line for each attempt that somebody lived to write down.
    written = [row["status"] for question in asked for row in await deadly.scene.attempts(question)]
    assert written == ["delivered"] * 10
