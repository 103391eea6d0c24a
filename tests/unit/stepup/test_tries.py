"""Wrong answers are counted by person, by address and in all; only ways that can be guessed at are shut."""

from __future__ import annotations

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Tx
from approvals_hub.stepup.step_up import (
    EVERYBODY,
    SENT_LIMIT,
    WRONG_ADDRESS_HOURLY,
    WRONG_EVERYBODY_HOURLY,
    WRONG_PERSON_HOURLY,
)
from approvals_hub.stepup.tries import count_wrong_in, refuse_guessing_in, refuse_many_in
from tests.unit.hub_fixture import StaffedHub
from tests.unit.prover import begin_link


async def refused(house: StaffedHub, method: str, person_id: str, source: str) -> TooMany | None:
    async def work(tx: Tx) -> TooMany | None:
        return await refuse_guessing_in(tx, method, person_id, source, house.time.now)

    return await house.hub.db.run(work)


async def wrong(house: StaffedHub, source: str, count: int) -> None:
    await house.change(
        "INSERT INTO wrong_answers (source, hour, count) VALUES (:source, :hour, :count)",
        source=source,
        hour=house.time.now // HOUR,
        count=count,
    )


LIMITS = [
    ("per_1", WRONG_PERSON_HOURLY),
    ("address:192.0.2.9", WRONG_ADDRESS_HOURLY),
    (EVERYBODY, WRONG_EVERYBODY_HOURLY),
]


@pytest.mark.parametrize(("source", "limit"), LIMITS)
async def test_each_limit_shuts_the_codes_and_leaves_the_others_open(
    house: StaffedHub, source: str, limit: int
) -> None:
    await wrong(house, source, limit - 1)
    assert await refused(house, "totp", "per_1", "192.0.2.9") is None
    await house.change("UPDATE wrong_answers SET count = :limit WHERE source = :source", limit=limit, source=source)
    refusal = await refused(house, "totp", "per_1", "192.0.2.9")
    assert refusal is not None
    assert (refusal.code, refusal.retry_after is not None) == ("too_many_wrong_answers", True)
    assert await refused(house, "webauthn", "per_1", "192.0.2.9") is None
    assert await refused(house, "bankid", "per_1", "192.0.2.9") is None


@pytest.mark.parametrize(("source", "limit"), LIMITS)
async def test_the_answer_tells_nobody_which_limit_it_was(house: StaffedHub, source: str, limit: int) -> None:
    await wrong(house, source, limit)
    refusal = await refused(house, "totp", "per_1", "192.0.2.9")
    assert refusal is not None
    assert refusal.detail == "too many wrong answers were given; codes are refused for now"


async def test_the_next_hour_begins_anew(house: StaffedHub) -> None:
    await wrong(house, "per_1", WRONG_PERSON_HOURLY)
    house.time.now += HOUR
    assert await refused(house, "totp", "per_1", "192.0.2.9") is None


async def test_guesses_distributed_over_addresses_meet_the_persons_own_limit(house: StaffedHub) -> None:
    async def work(tx: Tx) -> list[bool]:
        return [await count_wrong_in(tx, "per_1", f"192.0.2.{n}", house.time.now) for n in range(WRONG_PERSON_HOURLY)]

    reached = await house.hub.db.run(work)
    assert reached == [False] * (WRONG_PERSON_HOURLY - 1) + [True]
    assert await refused(house, "totp", "per_1", "198.51.100.1") is not None


async def test_messages_cost_more_than_other_beginnings(house: StaffedHub) -> None:
    for _ in range(SENT_LIMIT):
        await begin_link(house.owner)
    await house.change("UPDATE step_ups SET method = 'sms_otp'")

    async def work(tx: Tx, method: str = "sms_otp") -> TooMany | None:
        return await refuse_many_in(tx, method, house.owner.person_id, "stu_")

    assert await house.hub.db.run(work) is not None
    assert await house.hub.db.run(lambda tx: work(tx, "totp")) is None
