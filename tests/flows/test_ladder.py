"""A route of three levels, kept over HTTP, climbed through a whole hub in the night in which the clock goes forward.

In Stockholm 02:00 is followed by 03:00 on 28 March 2027. The questions open at 01:50 there:

| when | who | by | why |
|---|---|---|---|
| at once | Ada | phone | she is on call |
| 1:30 later | Ada | mail | her phone has said nothing |
| 03:00, ten minutes later | Bo | phone | he takes over at 02:30, which does not come |
| 20:00 later | Bo | phone | the second level: the group `platform` |
| 03:30, forty minutes later | Cy | phone | of the group too; his quiet hours are an hour shorter in this night |
| 50:00 later | Di | phone | the third level |
| 60:00 later | | | what comes after the last level |
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from approvals_hub.cli.demo_phone import SoftwarePhone
from approvals_hub.core.clock import MINUTE, SECOND
from approvals_hub_client.question import Question
from tests.flows.conftest import url_of
from tests.flows.reach_scene import Reachable, reachable
from tests.flows.world import TestClock

OPENED = int(datetime(2027, 3, 28, 0, 50, tzinfo=UTC).timestamp() * 1000)
HAND_OVER, QUIET_ENDS = OPENED + 10 * MINUTE, OPENED + 40 * MINUTE
NIGHTS = """
schedule: nights
zone: Europe/Stockholm
layers:
  - members: [{Ada}, {Bo}]
    start: "2027-03-27"
    at: "02:30"
    every: 1d
"""
PLATFORM = "group: platform\nmembers: [{Bo}, {Cy}]\n"
LADDER = """
route: {name}
levels:
  - schedules: [nights]
    channels:
      - phone
      - channel: mail
        after: 90s
    ack_within: 15m
    remind: {{after: 3m, times: 2}}
    next_after: 20m
  - groups: [platform]
    channels: [phone]
    ack_within: 20m
    next_after: 30m
  - people: [{Di}]
    channels: [phone]{last}
then: {then}
"""
ENDS = {"deny": "denied", "expire": "expired_unseen", "keep_waiting": None}
"""What comes after the last level, and as what a question ends that nobody has opened."""


@dataclass
class Night:
    """Four people of whom each has a phone, and Ada mail as well; routes by what comes after their last level."""

    scene: Reachable
    people: dict[str, SoftwarePhone]

    def at(self, instant: int) -> None:
        """It is this time now, in milliseconds since 1970."""
        self.scene.world.time.ahead += instant - self.scene.world.time.clock().now()

    async def ask(self, then: str) -> Question:
        """A question that takes this route."""
        owner, org = self.scene.world.owner, self.scene.world.org_id
        await owner.call("PUT", f"/v1/orgs/{org}/default-route", {"route": then, "fresh": await owner.fresh()})
        return await self.scene.ask(expires_in=7200)

    async def told(self, question: Question) -> list[tuple[str, str, int, str, int]]:
        """Who was told, by what, in which level, why, and how many milliseconds after the opening."""
        opened_at = await self.opened_at(question)
        names = {phone.person_id: name for name, phone in self.people.items()}
        return [
            (names[row["person_id"]], row["channel"], row["level"], row["reason"], row["due_at"] - opened_at)
            for row in await self.scene.tellings(question)
            if row["kind"] == "escalation.opened"
        ]

    async def opened_at(self, question: Question) -> int:
        return await self.number("SELECT created_at AS at FROM escalations WHERE id = :id", question)

    async def number(self, sql: str, question: Question) -> int:
        async def work(tx: Any) -> Any:
            return await tx.row(sql, id=question.escalation_id)

        return int((await self.scene.world.hub.db.read(work))["at"])

    def arrived(self, question: Question) -> list[str]:
        """Who has it at a vendor by now, in the order in which it came there: phones, then mails."""
        vendors, link = self.scene.vendors, f"/app/escalations/{question.escalation_id}"
        owners = {self.scene.browsers[name].subscription: name for name in self.people}
        phones = [owners[each.to] for each in vendors.push.arrived if link in repr(each.body)]
        return phones + ["mail" for each in vendors.mails.arrived if link in each.text]

    async def ended(self, question: Question) -> tuple[Any, Any]:
        view = await self.scene.view(question)
        return view["status"], view["outcome"]


@pytest.fixture
async def night(database_place: Path | str, tmp_path: Path) -> AsyncIterator[Night]:
    time = TestClock()
    time.ahead = OPENED - 60 * MINUTE - time.clock().now()
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(reachable(url_of(database_place), tmp_path, time=time))
        scene.bot.transport.clock = time.clock().now
        people = {name: await scene.world.person(name) for name in ("Ada", "Bo", "Cy", "Di")}
        for name, phone in people.items():
            await scene.browser(name, by=phone)
        await replace(scene, world=replace(scene.world, owner=people["Ada"])).link("email_otp")
        cy = people["Cy"]
        spans = [{"days": ["sunday"], "from": "01:00", "to": "03:30"}]
        quiet = {"zone": "Europe/Stockholm", "spans": spans, "fresh": await cy.fresh()}
        await cy.call("PUT", "/v1/quiet-hours", quiet)
        await keep_plans(scene, {name: phone.person_id for name, phone in people.items()})
        await scene.settle()
        found = Night(scene, people)
        found.at(OPENED)
        yield found


async def keep_plans(scene: Reachable, ids: dict[str, str]) -> None:
    """As an owner writes them."""
    owner, org = scene.world.owner, f"/v1/orgs/{scene.world.org_id}"
    await owner.call("PUT", f"{org}/schedules/nights", {"yaml": NIGHTS.format(**ids)})
    await owner.call("PUT", f"{org}/groups/platform", {"yaml": PLATFORM.format(**ids)})
    for then in ENDS:
        last = "" if then == "keep_waiting" else "\n    ack_within: 1m\n    next_after: 10m"
        text = LADDER.format(name=then, then=then, last=last, **ids)
        await owner.call("PUT", f"{org}/routes/{then}", {"yaml": text})


async def test_three_levels_are_climbed_in_time_and_end_as_their_route_says(night: Night) -> None:
    questions = {then: await night.ask(then) for then in ENDS}
    first = await night.opened_at(questions["deny"])
    last = await night.opened_at(questions["keep_waiting"])
    steps = [
        (first, ["Ada"]),
        (first + 90 * SECOND, ["Ada", "mail"]),
        (HAND_OVER, ["Ada", "Bo", "mail"]),
        (first + 20 * MINUTE, ["Ada", "Bo", "Bo", "mail"]),
        (QUIET_ENDS, ["Ada", "Bo", "Bo", "Cy", "mail"]),
        (first + 50 * MINUTE, ["Ada", "Bo", "Bo", "Cy", "Di", "mail"]),
    ]
    before: list[str] = []
    for instant, expected in steps:
        if instant > first:
            night.at(instant - 30 * SECOND)
            await night.scene.settle()
            assert [night.arrived(each) for each in questions.values()] == [before] * 3, instant - first
        night.at(max(instant, instant + last - first) + SECOND)
        await night.scene.settle()
        assert [night.arrived(each) for each in questions.values()] == [expected] * 3, instant - first
        before = expected
    for question in questions.values():
        opened_at = await night.opened_at(question)
        assert await night.told(question) == [
            ("Ada", "phone", 1, "first", 0),
            ("Ada", "mail", 1, "fallback", 90 * SECOND),
            ("Bo", "phone", 1, "first", HAND_OVER - opened_at),
            ("Bo", "phone", 2, "first", 20 * MINUTE),
            ("Cy", "phone", 2, "first", QUIET_ENDS - opened_at),
            ("Di", "phone", 3, "first", 50 * MINUTE),
        ]
    night.at(first + 60 * MINUTE - 30 * SECOND)
    await night.scene.settle()
    assert {await night.ended(each) for each in questions.values()} == {("open", None)}
    night.at(last + 60 * MINUTE + SECOND)
    await night.scene.settle()
    for then, outcome in ENDS.items():
        assert await night.ended(questions[then]) == (outcome or "open", outcome), then
    night.at(last + 120 * MINUTE + SECOND)
    assert await night.ended(questions["keep_waiting"]) == ("expired_unseen", "expired_unseen")
    assert len(night.arrived(questions["keep_waiting"])) == 6


async def test_who_has_opened_it_is_reminded_twice_on_that_device_and_the_next_levels_come_all_the_same(
    night: Night,
) -> None:
    question = await night.ask("deny")
    opened_at = await night.opened_at(question)
    await night.scene.settle()
    night.at(opened_at + MINUTE)
    await night.people["Ada"].look(question.escalation_id)
    looked = await night.number("SELECT MIN(at) AS at FROM telling_receipts WHERE escalation_id = :id", question)
    for minutes in (1, 2, 4, 7, 10, 20, 40, 50):
        night.at(opened_at + minutes * MINUTE + 30 * SECOND)
        await night.scene.settle()
    assert await night.told(question) == [
        ("Ada", "phone", 1, "first", 0),
        ("Ada", "phone", 1, "remind", looked - opened_at + 3 * MINUTE),
        ("Ada", "phone", 1, "remind", looked - opened_at + 6 * MINUTE),
        ("Bo", "phone", 1, "first", HAND_OVER - opened_at),
        ("Bo", "phone", 2, "first", 20 * MINUTE),
        ("Cy", "phone", 2, "first", QUIET_ENDS - opened_at),
        ("Di", "phone", 3, "first", 50 * MINUTE),
    ]
    assert night.arrived(question) == ["Ada", "Ada", "Ada", "Bo", "Bo", "Cy", "Di"]
    assert (await night.scene.view(question))["delivery"] == "reached"


async def test_an_answer_on_the_second_level_tells_nobody_further_and_replaces_what_is_on_the_other_screens(
    night: Night,
) -> None:
    question = await night.ask("deny")
    opened_at = await night.opened_at(question)
    for minutes in (0, 10, 20):
        night.at(opened_at + minutes * MINUTE + 5 * SECOND)
        await night.scene.settle()
    await night.people["Bo"].answer(question.escalation_id, "approve")
    night.scene.vendors.push.arrived.clear()
    for minutes in (21, 40, 50, 60):
        night.at(opened_at + minutes * MINUTE + 5 * SECOND)
        await night.scene.settle()
    [replaced] = night.scene.vendors.push.arrived
    assert replaced.to == night.scene.browsers["Ada"].subscription
    assert replaced.body["notification"]["title"] == "Already decided by Bo"
    assert (await night.ended(question))[0] == "approved"
