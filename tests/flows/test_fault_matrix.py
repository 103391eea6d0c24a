"""Each vendor in each trouble: what the approver, the admin and the agent see.

| trouble | admin: `GET …/deliveries` | tried again after |
|---|---|---|
| down: refuses connections | `later`, in no time | 10 s |
| slow: takes it and says nothing | `later`, the whole time limit | 10 s |
| throttles | `later` | what it asks for; where its protocol cannot, a minute (apns) or two (smtp) |
| lies: no answer of its own | `later`; a webhook `delivered`, as every 2xx says so | 10 s; a minute (fcm, sendgrid) |
| breaks off: GOAWAY mid-stream (apns, the one over HTTP/2); under a request of a kept connection | `later` | 10 s |

In every cell the same holds for the others. The admin, in `GET …/channels`: the last error with the vendor's words; a
channel that failed five times in a row does not work and is left alone for a moment; it works again after the next
success. The approver: the question is in the inbox all the time, and a minute later it comes over the next way. The
agent: `trying` while anything is under way; where there is no other way, `unreachable` as soon as nothing can be tried
before the end, and `undeliverable` at the end; `expired_seen` where the approver found it in the inbox all the same.
When the vendor works again it gets what was due, once, under the name that it had before; what it takes and nobody
opens ends `expired_unseen`.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from approvals_hub.core.clock import to_milliseconds, to_text
from approvals_hub.db.database import Tx
from approvals_hub.notifications.breaker import UNPROVEN
from approvals_hub.plugins import SENDING_SECONDS
from approvals_hub_client.question import Question
from tests.fakes.trouble import Trouble
from tests.flows.conftest import url_of
from tests.flows.matrix_scene import VENDORS, Matrix, matrix
from tests.flows.process import WITHIN
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
STEPS = 5
"""In which the time passes until the last question has ended."""
NAMELESS = {"sms", "ops", "office"}
"""46elks and the chats have no place for a name."""


async def test_every_vendor_in_every_trouble(database_place: Path | str, tmp_path: Path) -> None:
    async with matrix(url_of(database_place), tmp_path) as found:
        for trouble in (DOWN, Trouble.SILENT, Trouble.THROTTLED, Trouble.GARBLES, BREAKS_OFF):
            await column(found, trouble, in_earnest=isinstance(database_place, Path))


async def column(found: Matrix, trouble: Trouble | str, *, in_earnest: bool) -> None:
    """One trouble, at all vendors at the same time. `in_earnest`: a silent one is waited for as long as a hub waits."""
    found.set_clocks()
    began = found.scene.world.time.clock().now()
    found.fakes["letters"].resets_at = began // 1000 + THROTTLED["letters"]
    # By the time that a silent vendor is given up, no further attempt fits into a question so short.
    slow = trouble is Trouble.SILENT
    async with AsyncExitStack() as stack:
        for channel in VENDORS:
            await begin(stack, channel, found.fakes[channel], trouble)
        asked, alone, seen = {}, {}, {}
        for channel in VENDORS:
            asked[channel] = await found.ask(channel)
            alone[channel] = await found.ask(f"only_{channel}", expires_in=16 if slow else 30)
            seen[channel] = await found.ask(f"only_{channel}", expires_in=30)
            await found.ada.look(seen[channel].escalation_id)
        if slow and not in_earnest:
            await found.silence(VENDORS, messages=3 * len(VENDORS))
        else:
            await found.scene.settle()
        await shows_at_first(found, trouble, asked, since=began, in_earnest=in_earnest)
        assert {each.escalation_id for each in asked.values()} <= await found.inbox()
        if not slow:
            await found.later(11)
            await leaves_alone(found, trouble)
            await found.later(13)
        for channel, delivery in (await found.shown(alone, "delivery")).items():
            believed = (channel, trouble) in BELIEVED
            assert delivery == ("trying" if believed else "unreachable"), (channel, trouble)
        if not slow:
            await found.later(38)
            for channel in VENDORS:
                assert len(found.arrived("backup", asked[channel])) == 1, (channel, trouble)
                assert found.arrived(channel, asked[channel]) == [], (channel, trouble)
    unseen = {channel: await found.ask(f"only_{channel}", expires_in=240) for channel in VENDORS}
    for _ in range(STEPS):
        await found.later(275 / STEPS)
    assert {each.escalation_id for each in asked.values()} <= await found.inbox()
    ends = {
        name: await found.shown(each, "outcome")
        for name, each in (("alone", alone), ("seen", seen), ("unseen", unseen))
    }
    for channel in VENDORS:
        believed = (channel, trouble) in BELIEVED
        assert ends["alone"][channel] == ("expired_unseen" if believed else "undeliverable"), (channel, trouble)
        assert ends["seen"][channel] == "expired_seen", (channel, trouble)
        assert ends["unseen"][channel] == "expired_unseen", (channel, trouble)
        assert len(found.arrived(channel, unseen[channel])) == 1, (channel, trouble)
        assert len(found.arrived("backup", asked[channel])) == 1, (channel, trouble)
    await shows_at_last(found, trouble, asked, since=began)
    await asyncio.gather(*(found.scene.bot.withdraw(question) for question in asked.values()))
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


async def shows_at_first(
    found: Matrix, trouble: Trouble | str, asked: dict[str, Question], *, since: int, in_earnest: bool
) -> None:
    """What the admin sees after the first attempt, and the agent."""
    log, health = await found.log(since=since), await found.health()
    tried = [attempt for attempts in log.values() for attempt in attempts]
    assert set((await found.shown(asked, "delivery")).values()) == {"trying"}, trouble
    told = await found.told(asked)
    for channel, question in asked.items():
        cell = (channel, trouble)
        [attempt] = log[question.escalation_id]
        [telling] = told[channel]
        believed = cell in BELIEVED
        assert (attempt["channel"], attempt["status"]) == (channel, "delivered" if believed else "later"), cell
        assert (attempt["said"] is None) == believed, cell
        assert "…" in attempt["recipient"], cell
        assert attempt["recipient"] not in OWNER.values(), cell
        assert attempt["provider_id"] is None, cell
        if believed:
            assert health[channel]["last_success_at"] >= to_text(since), cell
        else:
            error, words = health[channel]["last_error"], {each["said"] for each in tried if each["channel"] == channel}
            assert (error["status"], error["said"] in words, error["at"] >= to_text(since)) == ("later", True, True), (
                cell
            )
        if trouble is Trouble.SILENT and in_earnest:
            assert attempt["latency_ms"] >= SENDING_SECONDS * 1000 - 50, cell
        if not believed:
            again_at = to_milliseconds(attempt["at"]) + WAITS.get(trouble, {}).get(channel, 10) * 1000
            if (channel, trouble) == ("letters", Trouble.THROTTLED):
                again_at = found.fakes[channel].resets_at * 1000
            late = telling["send_at"] - again_at
            assert abs(late) <= 3000, (cell, late)


async def leaves_alone(found: Matrix, trouble: Trouble | str) -> None:
    """What failed five times in a row is not tried for a moment, and the admin sees which channels do not work."""
    health = await found.health()
    wanted = {
        channel
        for channel in VENDORS
        if WAITS.get(trouble, {}).get(channel, 10) <= 11 and (channel, trouble) not in BELIEVED
    }
    assert {channel for channel, each in health.items() if not each["works"]} == wanted, trouble
    assert {channel for channel, each in health.items() if each["breaker"] == "open"} == wanted, trouble
    now = to_text(found.scene.world.time.clock().now())
    assert all(health[channel]["left_alone_until"] > now for channel in wanted), trouble


async def shows_at_last(found: Matrix, trouble: Trouble | str, asked: dict[str, Question], *, since: int) -> None:
    """The vendor works again."""
    log, health, tellings = await found.log(since=since), await found.health(), await found.told(asked)
    for channel, question in asked.items():
        cell = (channel, trouble)
        told = {row["channel"]: row for row in tellings[channel]}
        assert {name: row["state"] for name, row in told.items()} == {channel: "sent", "backup": "sent"}, cell
        well = health[channel]
        assert (well["works"], well["breaker"], well["left_alone_until"]) == (True, "closed", None), cell
        ids = found.arrived(channel, question)
        if cell in BELIEVED:
            assert ids == [], cell
            continue
        assert well["last_success_at"] > well["last_error"]["at"], cell
        assert len(ids) == 1, cell
        assert channel in NAMELESS or ids[0].strip("<>").partition("@")[0] == told[channel]["id"], cell
        statuses = [attempt["status"] for attempt in log[question.escalation_id] if attempt["channel"] == channel]
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


async def test_ten_thousand_messages_to_two_hundred_silent_devices_keep_a_live_one_waiting_for_nothing(
    database_place: Path | str, tmp_path: Path
) -> None:
    async with matrix(url_of(database_place), tmp_path) as found:
        silent, live, reach = found.fakes["backup"], found.fakes["phone"], found.scene.world.hub.reach
        await route_to_all(found)
        for number in range(200):
            await found.add("phone", silent.subscribe(f"silent{number}").subscription, source=f"dev_{number}")
        silent.seen.clear()
        with silent.plays(Trouble.SILENT):
            question = await found.ask("all")
            await reach.tell()
            await queue_again(found, question, times=49)
            # One round begins to send to the live one, and ten of what is queued for the others.
            assert await reach.dispatch() == 1 + UNPROVEN
            await comes(found, question, 1)
            async with live.is_down():
                """No connection to the live one is kept: the next message needs another."""
            await found.scene.bot.withdraw(question)
            await reach.tell_news()
            assert await reach.dispatch() == 1
            await comes(found, question, 2)
            await reach.dispatch.stop()
        assert len(silent.seen) == UNPROVEN
        [left] = await found.scene.world.hub.db.read(
            lambda tx: tx.rows("SELECT COUNT(*) AS many FROM tellings WHERE state = 'waiting'")
        )
        assert left["many"] >= 49 * 200


async def queue_again(found: Matrix, question: Question, *, times: int) -> None:
    """What waits for the question's devices waits so often once more, as news that nobody has sent yet."""
    text = (
        "INSERT INTO tellings (id, org_id, kind, person_id, contact_id, channel, lane, level, reason, replaces, due_at,"
        " expires_at, state, attempts, send_at) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE"
        " n < :times) SELECT t.id || CAST(n.n AS TEXT), t.org_id, 'session.new', t.person_id, t.contact_id, t.channel,"
        " t.lane, t.level, t.reason, t.replaces, t.due_at, t.expires_at, t.state, t.attempts, t.send_at FROM"
        " tellings t, n WHERE t.escalation_id = :id AND t.lane <> :live"
    )
    [live] = [row["lane"] for row in await found.scene.tellings(question) if found.fakes["phone"].host in row["lane"]]

    async def work(tx: Tx) -> None:
        await tx.execute(text, times=times, id=question.escalation_id, live=live)

    await found.scene.world.hub.db.run(work)


async def comes(found: Matrix, question: Question, count: int) -> None:
    """The live one has so many messages about it, and none of the silent ones was given up for that."""
    async with asyncio.timeout(WITHIN):
        while len(found.arrived("phone", question)) < count:
            await asyncio.sleep(0.01)
    assert {row["status"] for row in await found.scene.attempts(question)} <= {"delivered"}


async def route_to_all(found: Matrix) -> None:
    text = f"route: all\nlevels:\n  - people: [{found.ada.person_id}]\n    channels:\n"
    text += "      - channel: phone\n        devices: all\nthen: keep_waiting\n"
    await found.scene.world.owner.call("PUT", f"/v1/orgs/{found.scene.world.org_id}/routes/all", {"yaml": text})
