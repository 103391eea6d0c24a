"""How much an agent may ask: one bucket for it, one for each person, one for both, and waits after denials."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals_hub.agents.admit import admit_agent_in
from approvals_hub.agents.agent import Agent
from approvals_hub.core.clock import HOUR, MINUTE, SECOND
from approvals_hub.core.errors import HubError, TooMany, Unavailable
from approvals_hub.db.database import Row, Tx
from approvals_hub.domain.allowance import Bucket, Limits
from approvals_hub.domain.hub_limits import HubLimits
from approvals_hub.escalations import allowance_store as store
from approvals_hub.escalations.spend_allowance import refuse_asking_in
from approvals_hub.orgs import store as orgs
from approvals_hub_client.rule import Rule
from tests.unit.hub_fixture import Bot, StaffedHub, staffed_hub
from tests.unit.routing.plans import away
from tests.unit.step_up_actor import refused

WIDE = Bucket(1000, 1000)


async def limit(house: StaffedHub, **buckets: Bucket) -> None:
    text = Limits(**{"agent": WIDE, "person": WIDE, "pair": WIDE, **buckets}).text()
    await house.change("UPDATE orgs SET limits = :text", text=text)


async def asks(bot: Bot, count: int) -> list[str]:
    """What came of so many questions about different things, one after another."""
    found = []
    for number in range(count):
        try:
            await bot.ask(bot.action(payload={"number": number, "once": os.urandom(4).hex()}))
            found.append("opened")
        except TooMany as refusal:
            found.append(f"{refusal.code} {refusal.extra.get('limit', '')}".strip())
    return found


@pytest.mark.parametrize("kind", ["agent", "person", "pair"])
async def test_what_is_over_a_bucket_is_refused_and_its_time_brings_one_back(house: StaffedHub, kind: str) -> None:
    await limit(house, **{kind: Bucket(3, 60)})
    assert await asks(house.bot, 5) == ["opened"] * 3 + [f"asked_too_often {kind}"] * 2
    refusal = await refused(TooMany, house.bot.ask())
    assert refusal.retry_after == 60
    house.time.now += MINUTE
    assert await asks(house.bot, 2) == ["opened", f"asked_too_often {kind}"]
    house.time.now += 3 * MINUTE
    assert await asks(house.bot, 4) == ["opened"] * 3 + [f"asked_too_often {kind}"]


async def test_another_agent_is_not_held_up_by_the_one_that_asks_too_often(house: StaffedHub) -> None:
    await limit(house, agent=Bucket(1, 60), pair=Bucket(1, 60))
    other = await house.agent("other")
    assert await asks(house.bot, 2) == ["opened", "asked_too_often agent"]
    assert await asks(other, 1) == ["opened"]


async def test_two_agents_together_cannot_ask_one_person_more_than_that_person_is_asked(house: StaffedHub) -> None:
    await limit(house, person=Bucket(3, 60))
    other = await house.agent("other")
    assert await asks(house.bot, 2) == ["opened"] * 2
    assert await asks(other, 2) == ["opened", "asked_too_often person"]


async def test_a_refused_question_takes_nothing_from_any_bucket(house: StaffedHub) -> None:
    await limit(house, pair=Bucket(1, 60))
    await asks(house.bot, 1)
    before = await house.rows("SELECT id, full_at FROM allowances ORDER BY id")
    assert await asks(house.bot, 3) == ["asked_too_often pair"] * 3
    assert await house.rows("SELECT id, full_at FROM allowances ORDER BY id") == before


async def test_an_approver_under_fire_reads_and_answers(house: StaffedHub) -> None:
    await limit(house, person=Bucket(2, 60))
    opened = await house.bot.ask()
    await asks(house.bot, 5)
    assert len((await house.hub.inbox(house.owner.credential)).lines) == 2
    assert (await house.owner.answer(opened.escalation.id)).status == "approved"


async def test_the_refusal_is_recorded_and_names_nobody(house: StaffedHub) -> None:
    await limit(house, person=Bucket(1, 60))
    await asks(house.bot, 1)
    refusal = await refused(TooMany, house.bot.ask())
    assert house.owner.person_id not in str(refusal) + refusal.next_step + str(refusal.extra)
    [event] = await house.events("escalation.refused")
    assert event["decision"] == "asked_too_often"


async def test_the_same_open_question_again_takes_nothing(house: StaffedHub) -> None:
    await limit(house, agent=Bucket(1, 60))
    action = house.bot.action()
    first = await house.bot.ask(action)
    assert (await house.bot.ask(action)).escalation.id == first.escalation.id


async def test_a_revision_takes_one_as_its_people_are_asked_again(house: StaffedHub) -> None:
    await limit(house, agent=Bucket(1, 60))
    first = await house.bot.ask()
    asking = house.bot.asking(house.bot.action(payload={"table": "other"}))
    attempt = house.hub.revise(house.bot.credential(), first.escalation.id, asking)
    assert (await refused(TooMany, attempt)).code == "asked_too_often"
    assert (await house.bot.standing(first.escalation.id)).escalation.open


async def deny(house: StaffedHub, payload: str) -> None:
    opened = await house.bot.ask(house.bot.action(payload={"of": payload}))
    await house.owner.answer(opened.escalation.id, "deny")


async def test_asking_for_what_was_denied_twice_waits_twice_as_long_each_time(house: StaffedHub) -> None:
    await deny(house, "same")
    await deny(house, "same")
    waits = []
    for _ in range(3):
        refusal = await refused(TooMany, house.bot.ask(house.bot.action(payload={"of": "same"})))
        assert (refusal.code, refusal.retry_after is not None) == ("denied_recently", True)
        waits.append(refusal.retry_after)
        house.time.now += (refusal.retry_after or 0) * SECOND
        await deny(house, "same")
    assert waits == [30, 60, 120]


async def test_something_else_may_be_asked_until_the_fourth_denial_in_a_row(house: StaffedHub) -> None:
    for number in range(4):
        await deny(house, f"thing {number}")
    refusal = await refused(TooMany, house.bot.ask())
    assert (refusal.code, refusal.retry_after) == ("denied_recently", 10)


async def test_an_approval_ends_the_wait_for_everything_else(house: StaffedHub) -> None:
    waiting = await house.bot.ask()
    for number in range(4):
        await deny(house, f"thing {number}")
    await house.owner.answer(waiting.escalation.id)
    assert await asks(house.bot, 1) == ["opened"]


async def test_denials_of_yesterday_count_no_more(house: StaffedHub) -> None:
    await deny(house, "same")
    await deny(house, "same")
    house.time.now += 24 * HOUR + SECOND
    house.owner.credential = await house.owner.sign_in()
    await deny(house, "same")
    await deny(house, "same")
    refusal = await refused(TooMany, house.bot.ask(house.bot.action(payload={"of": "same"})))
    assert refusal.retry_after == 30


async def test_an_organisation_can_let_denials_cost_nothing(house: StaffedHub) -> None:
    await house.hub.set_limits(house.operator, {"back_off": False})
    for _ in range(6):
        await deny(house, "same")
    assert await asks(house.bot, 1) == ["opened"]


async def test_two_hundred_at_once_cannot_pass_a_bucket_together(house: StaffedHub) -> None:
    await limit(house, agent=Bucket(7, 60))
    hubs = [house.hub]
    if not house.place.database.startswith("sqlite:"):
        hubs.append(await house.another_process())

    async def ask(number: int) -> str:
        asking = house.bot.asking(house.bot.action(payload={"number": number}))
        while True:
            try:
                await hubs[number % len(hubs)].escalate(house.bot.credential(), asking)
            except Unavailable:
                continue  # a busy database answers later; the same key asks no second time
            except HubError as refusal:
                return refusal.code
            return "opened"

    found = await asyncio.gather(*map(ask, range(200)))
    assert (found.count("opened"), found.count("asked_too_often")) == (7, 193)


async def test_many_agents_at_once_cannot_ask_one_person_more_than_the_limit(house: StaffedHub) -> None:
    await limit(house, person=Bucket(5, 60))
    bots = [await house.agent(f"bot {number}") for number in range(6)]
    found = await asyncio.gather(*(asks(bot, 3) for bot in bots))
    assert sum(one.count("opened") for one in found) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pauses=st.lists(st.integers(0, 4 * MINUTE), min_size=1, max_size=25))
async def test_whatever_the_pauses_no_more_pass_than_were_there_and_came_back(
    house: StaffedHub, pauses: list[int]
) -> None:
    bucket = Bucket(3, 60)
    limits = Limits(agent=bucket, person=bucket, pair=bucket)
    key = f"agent:{os.urandom(8).hex()}"
    now = start = house.time.now

    async def work(tx: Tx) -> bool:
        return bool(await store.take(tx, [key], limits, at=now))

    await house.change(
        "INSERT INTO allowances (id, org_id, kind, full_at) VALUES (:id, :org, 'agent', :at)",
        id=key,
        org=house.org_id,
        at=now,
    )
    tokens, taken = float(bucket.burst), 0
    for pause in pauses:
        now += pause
        tokens = min(bucket.burst, tokens + pause / bucket.each)
        expected = tokens >= 1
        assert await house.hub.db.run(work) == expected
        tokens, taken = (tokens - 1, taken + 1) if expected else (tokens, taken)
    assert taken <= bucket.burst + (now - start) / bucket.each


async def test_limits_of_an_organisation_are_kept(house: StaffedHub) -> None:
    limits = Limits(agent=Bucket(1, 2))

    async def work(tx: Tx) -> str | None:
        await orgs.set_limits(tx, house.org_id, limits.text())
        return await orgs.limits(tx, house.org_id)

    assert await house.hub.db.run(work) == limits.text()


async def test_whoever_stands_in_for_three_is_asked_once_and_counted_once_for_each_question(house: StaffedHub) -> None:
    three = [await house.person(name) for name in ("Ada", "Bo", "Cy")]
    await house.require(quorum=Rule(of=tuple(one.person_id for one in three), approvals=1))
    dee = await house.person("Dee")
    for one in three:
        await away(house, one, dee)
    await limit(house, person=Bucket(2, 60))
    assert await asks(house.bot, 3) == ["opened"] * 2 + ["asked_too_often person"]
    rows = await house.rows("SELECT person_id, count FROM prompts")
    counts = {row["person_id"]: row["count"] for row in rows}
    assert counts == {one.person_id: 2 for one in (*three, dee)}


async def test_a_request_that_came_a_moment_before_the_first_denial_waits_for_nothing(house: StaffedHub) -> None:
    await deny(house, "same")
    await house.change("UPDATE back_offs SET last_at = last_at + 5")
    assert await asks(house.bot, 1) == ["opened"]
    await house.bot.ask(house.bot.action(payload={"of": "same"}))


@dataclass
class WithSomebodyBetween:
    """A unit of work behind whose first attempt to take from buckets another process asks as well."""

    tx: Tx
    asks: Coroutine[Any, Any, object] | None

    async def rows(self, sql: str, /, **params: Any) -> list[Row]:
        found = await self.tx.rows(sql, **params)
        if self.asks is not None and sql.startswith("UPDATE allowances"):
            # Outside of this unit, as what another process does.
            asks, self.asks = self.asks, None
            await asyncio.create_task(asks, context=Context())
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tx, name)


async def test_an_agent_is_not_refused_because_another_asks_the_same_people_for_the_first_time_at_that_moment(
    postgres_uri: str, tmp_path: Path
) -> None:
    async with staffed_hub(postgres_uri, tmp_path) as house:
        other = await house.agent("other")
        people = {house.owner.person_id}

        async def work(tx: Tx) -> TooMany | None:
            agent = await admit_agent_in(tx, other.credential(), house.time.now, epoch_started=0)
            assert isinstance(agent, Agent)
            between: Any = WithSomebodyBetween(tx, house.bot.ask())
            return await refuse_asking_in(
                between, agent, hub_limits=HubLimits(), similarity_hash="", people=people, now=house.time.now
            )

        assert await house.hub.db.run(work, org=house.org_id) is None
        [taken] = await house.rows("SELECT full_at FROM allowances WHERE kind = 'person'")
        assert taken["full_at"] == house.time.now + 2 * HubLimits().of(None).person.each
