"""The hub asks providers by itself, one at a time for each step-up, and ends what nobody finished."""

from __future__ import annotations

from approvals_hub.stepup.step_up import KEPT, LIFE
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import begin, linked


async def running(house: StaffedHub) -> str:
    await linked(house.owner)
    opened = await house.bot.ask()
    return (await begin(house.owner, await house.owner.statement(opened.escalation.id))).step.id


async def test_nothing_is_asked_of_ways_that_only_the_person_completes(house: StaffedHub) -> None:
    await running(house)
    assert await house.hub.collect_step_ups() == 0


async def test_what_is_due_is_asked_and_due_again_later(house: StaffedHub) -> None:
    step_up_id = await running(house)
    await house.change("UPDATE step_ups SET collect_at = :at WHERE id = :id", at=house.time.now, id=step_up_id)
    assert await house.hub.collect_step_ups() == 1
    [row] = await house.rows("SELECT state, collect_at FROM step_ups WHERE id = :id", id=step_up_id)
    assert (row["state"], row["collect_at"]) == ("running", None)  # this provider says: only the person completes it


async def test_a_step_up_that_nobody_finished_ends_and_says_so(house: StaffedHub) -> None:
    step_up_id = await running(house)
    house.time.now += LIFE
    assert await house.hub.collect_step_ups() == 1
    [row] = await house.rows("SELECT state, cause, sealed FROM step_ups WHERE id = :id", id=step_up_id)
    assert (row["state"], row["cause"], row["sealed"]) == ("ended", "timed_out", None)
    assert [event["decision"] for event in await house.events("step_up.ended")] == ["timed_out"]
    assert await house.hub.collect_step_ups() == 0


async def test_a_step_up_of_a_provider_that_was_taken_away_is_left_to_its_time(house: StaffedHub) -> None:
    step_up_id = await running(house)
    await house.change(
        "UPDATE step_ups SET collect_at = :at, method = 'gone', factor_id = NULL WHERE id = :id",
        at=house.time.now,
        id=step_up_id,
    )
    await house.hub.collect_step_ups()
    [row] = await house.rows("SELECT state FROM step_ups WHERE id = :id", id=step_up_id)
    assert row["state"] == "running"


async def test_what_ended_long_ago_is_forgotten_and_what_was_used_is_kept(house: StaffedHub) -> None:
    step_up_id = await running(house)
    house.time.now += LIFE
    await house.hub.collect_step_ups()
    second = await house.bot.ask()
    house.time.now += KEPT + LIFE
    await begin(house.owner, await house.owner.statement((await house.bot.ask()).escalation.id))
    assert second.escalation.open
    house.time.now += LIFE
    await house.hub.collect_step_ups()
    assert await house.rows("SELECT id FROM step_ups WHERE id = :id", id=step_up_id) == []
    assert len(await house.rows("SELECT id FROM step_ups WHERE purpose = 'link' AND state = 'used'")) == 1
