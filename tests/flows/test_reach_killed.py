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
from tests.fakes.gate import Gate, gates
from tests.fakes.trouble import Arrival
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import Others, add, others
from tests.flows.mortal import Mortals, mortals
from tests.flows.reach_scene import FID, TOKEN, Reachable, reachable, vendors
from tests.flows.world import TestClock

WITHIN = 60.0
"""Seconds for what another process does."""


@dataclass
class Deadly:
    """Seven people, each told over another channel, and hubs that die."""

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

    async def sent(self, question: Question) -> list[dict[str, Any]]:
        """The tellings, when all of them are marked as sent: by whom is seen in the database alone."""
        async with asyncio.timeout(WITHIN):
            while {row["state"] for row in await self.scene.tellings(question)} != {"sent"}:
                await asyncio.sleep(0.02)
        return await self.scene.tellings(question)

    def names(self, question: Question) -> Counter[tuple[str, str]]:
        """How often the vendors have taken what, by the name that it has there."""
        found = [
            *self.scene.vendors.all_that_arrived(),
            *self.beside.hooks.arrived,
            *self.beside.letters.arrived,
        ]
        whole = [(each, repr(vars(each)).replace("=\\n", "")) for each in found]
        return Counter(name(each) for each, text in whole if question.escalation_id in text)


def name(arrival: Arrival) -> tuple[str, str]:
    """What the vendor knows a message by; the gateway of SMS has nothing but the text."""
    headers = {key.lower(): value for key, value in arrival.headers.items()}
    return headers.get("apns-id") or arrival.id or arrival.text, headers.get("topic", "")


@pytest.fixture
async def deadly(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Deadly]:
    async with AsyncExitStack() as stack:
        time = TestClock()
        found = await stack.enter_async_context(vendors(tmp_path, now=time.clock().now()))
        beside = await others(stack, tmp_path, now=time.clock().now())
        every = (found.push, found.apple, found.google, found.mails, found.texts, beside.hooks, beside.letters)
        stood = await stack.enter_async_context(gates(*every))
        place = url_of(database_place)
        scene = await stack.enter_async_context(
            reachable(place, tmp_path, time=time, found=found, more=beside.tables())
        )
        people = [await scene.world.person(name) for name in ("Ada", "Bo", "Cy", "Di", "Ed", "Fo", "Gry")]
        await scene.browser("ada", by=people[0])
        await scene.register("iphone", {"token": TOKEN}, by=people[1])
        await scene.register("android", {"fid": FID}, by=people[2])
        for person, method in zip(people[3:5], ("email_otp", "sms_otp"), strict=True):
            await replace(scene, world=replace(scene.world, owner=person)).link(method)
        await add(scene, people[5], "hook", beside.address)
        await add(scene, people[6], "letters", "gry@example.se")
        await _route(scene, [person.person_id for person in people])
        await scene.settle()
        hubs = await stack.enter_async_context(mortals(scene.world.place, tmp_path))
        yield Deadly(scene, beside, stood, hubs)


async def _route(scene: Reachable, people: list[str]) -> None:
    """All at once, each over the first of these that reaches them; what is left of Di's mail comes an hour later."""
    channels = "[phone, iphone, android, hook, mail, letters, sms]"
    text = f"route: all\nlevels:\n  - people: [{', '.join(people)}]\n    channels: {channels}\n    ack_within: 60m\n"
    owner, org = scene.world.owner, scene.world.org_id
    await owner.call("PUT", f"/v1/orgs/{org}/routes/all", {"yaml": f"{text}then: keep_waiting\n"})
    await owner.call("PUT", f"/v1/orgs/{org}/default-route", {"route": "all", "fresh": await owner.fresh()})


async def test_whoever_is_killed_on_the_way_to_seven_vendors_is_followed_by_one_that_sends_what_was_due_and_no_more(
    deadly: Deadly,
) -> None:
    hubs = deadly.hubs
    question = await deadly.scene.ask()

    deadly.play(shut=True)
    hub = await hubs.born(deadly.ahead)
    await deadly.everywhere("came")
    hubs.kill(hub)
    assert {(row["state"], row["attempts"]) for row in await deadly.scene.tellings(question)} == {("waiting", 1)}
    assert deadly.names(question) == {}

    deadly.play(mute=True)
    hub = await hubs.born(deadly.later())
    await deadly.everywhere("taken")
    hubs.kill(hub)
    once = deadly.names(question)
    assert (len(once), set(once.values())) == (7, {1})
    assert {(row["state"], row["attempts"]) for row in await deadly.scene.tellings(question)} == {("waiting", 2)}

    deadly.play()
    hub = await hubs.born(deadly.later())
    told = await deadly.sent(question)
    hubs.kill(hub)
    again = deadly.names(question)
    assert (again.keys(), set(again.values())) == (once.keys(), {2})
    assert len({row["channel"] for row in told}) == 7
    assert all(row["settled_at"] < row["expires_at"] for row in told)

    following = await deadly.scene.ask()
    await hubs.born(deadly.later())
    await deadly.sent(following)
    assert deadly.names(question) == again
    assert set(deadly.names(following).values()) == {1}
    # The log has a line for each attempt that somebody lived to write down.
    assert [row["status"] for row in await deadly.scene.attempts(question)] == ["delivered"] * 7
