"""Each vendor in each trouble: what the approver, the admin and the agent see.

| trouble | admin: the delivery log | tried again after |
|---|---|---|
| down: refuses connections | `later`, in no time | 10 s |
| slow: takes it and says nothing | `later`, the whole time limit | 10 s |
| throttles | `later` | what it asks for; where its protocol cannot, a minute (apns) or two (smtp) |
| lies: no answer of its own | `later`; a webhook `delivered`, as every 2xx says so | 10 s; a minute (fcm, sendgrid) |
| breaks off: GOAWAY mid-stream (apns, the one over HTTP/2); under a request of a kept connection | `later` | 10 s |

In every cell the same holds for the others. The approver: the question is in the inbox all the time, and a minute later
it comes over the next way. The agent: `trying` while anything is under way; where there is no other way, `unreachable`
as soon as nothing can be tried before the end, and `undeliverable` at the end; `expired_seen` where the approver found
it in the inbox all the same. When the vendor works again it gets what was due, once, under the name that it had before;
what it takes and nobody opens ends `expired_unseen`.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from approvals_hub.notifications.breaker import UNPROVEN
from approvals_hub.plugins import SENDING_SECONDS
from approvals_hub_client.question import Question
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import VENDORS, Matrix, matrix
from tests.flows.test_step_up_codes import OWNER

DOWN, BREAKS_OFF = "down", "breaks off"
THROTTLED = {
    "phone": 23,
    "iphone": 60,
    "android": 37,
    "mail": 120,
    "letters": 42,
    "sms": 17,
    "hook": 31,
    "ops": 11,
    "office": 11,
    "store_app": 41,
}
LIES = {"android": 60, "letters": 60}
WAITS: dict[Trouble | str, dict[str, int]] = {Trouble.THROTTLED: THROTTLED, Trouble.GARBLES: LIES}
"""Seconds after which each is tried again; 10 where nothing stands here."""
BELIEVED = {("hook", Trouble.GARBLES)}
"""Cells in which what was said means that it was taken."""
NAMELESS = {"sms", "ops", "office"}
"""46elks and the chats have no place for a name."""


async def test_every_vendor_in_every_trouble(sqlite_path: Path, tmp_path: Path) -> None:
    async with matrix(url_of(sqlite_path), tmp_path) as found:
        for trouble in (DOWN, Trouble.SILENT, Trouble.THROTTLED, Trouble.GARBLES):
            await column(found, trouble, VENDORS)
        await column(found, BREAKS_OFF, VENDORS)


async def test_every_vendor_down_on_the_other_engine(postgres_uri: str, tmp_path: Path) -> None:
    async with matrix(postgres_uri, tmp_path) as found:
        await column(found, DOWN, VENDORS)


async def column(found: Matrix, trouble: Trouble | str, channels: tuple[str, ...]) -> None:
    """One trouble, at all these vendors at the same time."""
    found.set_clocks()
    found.fakes["letters"].resets_at = found.scene.world.time.clock().now() // 1000 + THROTTLED["letters"]
    # A silent vendor is waited for in earnest, so once; by then no further attempt fits into a question so short.
    slow = trouble is Trouble.SILENT
    async with AsyncExitStack() as stack:
        for channel in channels:
            await begin(stack, channel, found.fakes[channel], trouble)
        asked = {channel: await found.ask(channel) for channel in channels}
        alone = {channel: await found.ask(f"only_{channel}", expires_in=16 if slow else 30) for channel in channels}
        seen = {channel: await found.ask(f"only_{channel}", expires_in=30) for channel in channels}
        for question in seen.values():
            await found.ada.look(question.escalation_id)
        await found.scene.settle()
        for channel in channels:
            await shows_first(found, channel, trouble, asked[channel])
        assert {each.escalation_id for each in asked.values()} <= await found.inbox()
        if not slow:
            await found.later(11)
            await found.later(13)
        for channel in channels:
            believed = (channel, trouble) in BELIEVED
            delivery = (await found.scene.view(alone[channel]))["delivery"]
            assert delivery == ("trying" if believed else "unreachable"), (channel, trouble)
        if not slow:
            await found.later(38)
            for channel in channels:
                assert len(found.arrived("backup", asked[channel])) == 1, (channel, trouble)
                assert found.arrived(channel, asked[channel]) == [], (channel, trouble)
    unseen = {channel: await found.ask(f"only_{channel}", expires_in=240) for channel in channels}
    for _ in range(11):
        await found.later(25)
    assert {each.escalation_id for each in asked.values()} <= await found.inbox()
    for channel in channels:
        outcome = (await found.scene.view(alone[channel]))["outcome"]
        believed = (channel, trouble) in BELIEVED
        assert outcome == ("expired_unseen" if believed else "undeliverable"), (channel, trouble)
        assert (await found.scene.view(seen[channel]))["outcome"] == "expired_seen", (channel, trouble)
        assert (await found.scene.view(unseen[channel]))["outcome"] == "expired_unseen", (channel, trouble)
        assert len(found.arrived(channel, unseen[channel])) == 1, (channel, trouble)
        assert len(found.arrived("backup", asked[channel])) == 1, (channel, trouble)
        await shows_last(found, channel, trouble, asked[channel])
        await found.scene.bot.withdraw(asked[channel])
    await found.scene.settle()


async def begin(stack: AsyncExitStack, channel: str, fake: Any, trouble: Trouble | str) -> None:
    """The vendor is in it until the block ends."""
    if trouble == DOWN:
        await stack.enter_async_context(fake.is_down())
    elif isinstance(trouble, Trouble):
        stack.enter_context(fake.plays(trouble))
    elif channel == "iphone":
        fake.odd = "goaway"
        stack.callback(setattr, fake, "odd", None)
    else:
        stack.enter_context(fake.plays(Trouble.LEAVES))


async def shows_first(found: Matrix, channel: str, trouble: Trouble | str, question: Question) -> None:
    """What the admin sees after the first attempt, and the agent."""
    cell = (channel, trouble)
    [attempt] = await found.scene.attempts(question)
    [telling] = await found.scene.tellings(question)
    believed = cell in BELIEVED
    assert (attempt["channel"], attempt["status"]) == (channel, "delivered" if believed else "later"), cell
    assert (attempt["said"] is None) == believed, cell
    assert "…" in attempt["recipient"], cell
    assert attempt["recipient"] not in OWNER.values(), cell
    assert attempt["provider_id"] is None, cell
    if trouble is Trouble.SILENT:
        assert attempt["latency_ms"] >= SENDING_SECONDS * 1000 - 50, cell
    if not believed:
        wait = WAITS.get(trouble, {}).get(channel, 10)
        assert abs(telling["send_at"] - attempt["at"] - wait * 1000) <= 3000, (cell, telling["send_at"] - attempt["at"])
    assert (await found.scene.view(question))["delivery"] == "trying", cell


async def shows_last(found: Matrix, channel: str, trouble: Trouble | str, question: Question) -> None:
    """The vendor works again."""
    cell = (channel, trouble)
    told = {row["channel"]: row for row in await found.scene.tellings(question)}
    assert {name: row["state"] for name, row in told.items()} == {channel: "sent", "backup": "sent"}, cell
    ids = found.arrived(channel, question)
    if cell in BELIEVED:
        assert ids == [], cell
        return
    assert len(ids) == 1, cell
    assert channel in NAMELESS or ids[0].strip("<>").partition("@")[0] == told[channel]["id"], cell
    statuses = [row["status"] for row in await found.scene.attempts(question) if row["channel"] == channel]
    assert statuses[-1] == "delivered", cell
    assert set(statuses[:-1]) == {"later"}, cell
    assert len(statuses) == told[channel]["attempts"], cell


async def test_two_hundred_dead_devices_beside_a_live_one_are_asked_once_and_forgotten(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with matrix(url_of(database_place), tmp_path) as found:
        push = found.fakes["phone"]
        await route_to_all(found)
        for number in range(200):
            await found.add("phone", push.subscribe(f"dead{number}").subscription, source=f"dev_{number}")
        question = await found.ask("all")
        await found.scene.settle()
        assert len(found.arrived("phone", question)) == 1
        states = [row["state"] for row in await found.scene.tellings(question)]
        assert (states.count("sent"), states.count("failed")) == (1, 200)
        assert [row["attempts"] for row in await found.scene.tellings(question)] == [1] * 201
        following = await found.ask("all")
        await found.scene.settle()
        assert [row["state"] for row in await found.scene.tellings(following)] == ["sent"]


async def test_two_hundred_silent_devices_beside_a_live_one_keep_it_waiting_for_nothing(
    sqlite_path: Path, tmp_path: Path
) -> None:
    async with matrix(url_of(sqlite_path), tmp_path) as found:
        silent, reach = found.fakes["backup"], found.scene.world.hub.reach
        await route_to_all(found)
        for number in range(200):
            await found.add("phone", silent.subscribe(f"silent{number}").subscription, source=f"dev_{number}")
        with silent.plays(Trouble.SILENT):
            # Long before anybody gives the silent ones up, also when ten of them are waited for already.
            async with asyncio.timeout(SENDING_SECONDS - 2):
                for _ in range(2):
                    question = await found.ask("all")
                    while not found.arrived("phone", question) or len(silent.seen) < UNPROVEN:
                        await reach()
                        await asyncio.sleep(0.01)
                    async with found.fakes["phone"].is_down():
                        """No connection to the live one is kept: the next message needs another."""
            await reach.dispatch.stop()
        states = [row["state"] for row in await found.scene.tellings(question)]
        assert (states.count("sent"), states.count("waiting")) == (1, 200)


async def route_to_all(found: Matrix) -> None:
    text = f"route: all\nlevels:\n  - people: [{found.ada.person_id}]\n    channels:\n"
    text += "      - channel: phone\n        devices: all\nthen: keep_waiting\n"
    await found.scene.world.owner.call("PUT", f"/v1/orgs/{found.scene.world.org_id}/routes/all", {"yaml": text})
