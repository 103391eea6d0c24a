"""Who may still guess: counted for the person, the address and everybody, before a guess is looked at."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from approvals_hub.core.clock import HOUR
from approvals_hub.core.errors import TooMany
from approvals_hub.db.database import Database, Tx
from approvals_hub.stepup import step_up_store
from approvals_hub.stepup.step_up import (
    BEGUN_LIMIT,
    SENT_LIMIT,
    WRONG_ADDRESS_HOURLY,
    WRONG_EVERYBODY_HOURLY,
    WRONG_PERSON_HOURLY,
)
from approvals_hub.stepup.tries import (
    count_wrong_in,
    guess_done_in,
    refuse_guessing_in,
    refuse_many_in,
    take_guess_in,
)

NOW = 1_800_000_000_000


async def wrong(db: Database, person: str = "per_1", source: str = "a", times: int = 1, now: int = NOW) -> list[bool]:
    """Count this many; which of them reached the person's limit."""

    async def work(tx: Tx) -> list[bool]:
        return [await count_wrong_in(tx, person, source, now) for _ in range(times)]

    return await db.run(work)


async def shut(db: Database, person: str = "per_1", source: str = "a", method: str = "totp", now: int = NOW) -> bool:
    found = await db.run(lambda tx: refuse_guessing_in(tx, method, person, source, now))
    return isinstance(found, TooMany)


async def take(db: Database, person: str = "per_1", source: str = "a", method: str = "totp") -> bool:
    return await db.run(lambda tx: take_guess_in(tx, method, person, source, NOW)) is None


async def done(db: Database, person: str = "per_1", source: str = "a") -> None:
    await db.run(lambda tx: guess_done_in(tx, "totp", person, source, NOW))


async def test_a_persons_limit_shuts_the_ways_that_can_be_guessed_at_for_them_alone(database: Database) -> None:
    await wrong(database, times=WRONG_PERSON_HOURLY - 1)
    assert not await shut(database)
    await wrong(database)
    assert await shut(database, source="b")
    assert not await shut(database, "per_2", "b")


@pytest.mark.parametrize("method", ["webauthn", "bankid", "freja", "company"])
async def test_what_cannot_be_guessed_is_never_shut(database: Database, method: str) -> None:
    await wrong(database, times=WRONG_PERSON_HOURLY)
    assert not await shut(database, method=method)
    assert await take(database, method=method)


async def test_an_address_that_tries_many_people_is_shut_for_all_of_them(database: Database) -> None:
    for number in range(WRONG_ADDRESS_HOURLY):
        await wrong(database, f"per_{number}")
    assert await shut(database, "per_new")
    assert not await shut(database, "per_new", "b")


async def test_many_people_tried_from_many_addresses_shut_codes_for_everybody(database: Database) -> None:
    sql = "INSERT INTO wrong_answers (source, hour, count) VALUES ('everybody', :hour, :count)"
    await database.run(lambda tx: tx.execute(sql, hour=NOW // HOUR, count=WRONG_EVERYBODY_HOURLY))
    assert await shut(database, "per_new", "new")


async def test_a_new_hour_opens_again(database: Database) -> None:
    await wrong(database, times=WRONG_PERSON_HOURLY)
    assert not await shut(database, now=NOW + HOUR)


async def test_the_refusal_says_when_the_hour_is_over_and_not_whose_limit_it_was(database: Database) -> None:
    await wrong(database, times=WRONG_PERSON_HOURLY)
    for number in range(WRONG_ADDRESS_HOURLY):
        await wrong(database, f"per_x{number}", "b")
    now = NOW + 60_000
    found = [
        await database.run(lambda tx, who=who: refuse_guessing_in(tx, "totp", *who, now))  # type: ignore[misc]  # bound above
        for who in (("per_1", "fresh"), ("per_9", "b"))
    ]
    assert len({(one.code, str(one), one.next_step, one.retry_after) for one in found if one}) == 1
    assert found[0] is not None
    assert found[0].retry_after == (HOUR - now % HOUR) // 1000


async def test_the_limit_is_told_once(database: Database) -> None:
    assert await wrong(database, times=WRONG_PERSON_HOURLY + 5) == [
        *[False] * (WRONG_PERSON_HOURLY - 1),
        True,
        *[False] * 5,
    ]


async def test_guesses_that_are_looked_at_side_by_side_count_as_if_they_were_wrong(database: Database) -> None:
    taken = await asyncio.gather(*[take(database) for _ in range(WRONG_PERSON_HOURLY + 10)])
    assert sum(taken) == WRONG_PERSON_HOURLY


async def test_a_right_guess_gives_its_place_back_and_a_wrong_one_keeps_it(database: Database) -> None:
    for _ in range(WRONG_PERSON_HOURLY):
        assert await take(database)
    assert not await take(database)
    await done(database)
    assert await take(database)
    await wrong(database)
    await done(database)
    assert not await take(database)


async def test_a_refused_guess_takes_no_place(database: Database) -> None:
    await wrong(database, times=WRONG_PERSON_HOURLY)
    for _ in range(3):
        assert not await take(database)
    rows = await database.read(lambda tx: tx.rows("SELECT count FROM wrong_answers WHERE source LIKE 'looking:%'"))
    assert [row["count"] for row in rows] == [0, 0, 0]


async def test_guesses_at_many_people_from_one_address_side_by_side_stay_below_its_limit(database: Database) -> None:
    guesses = [take(database, f"per_{number}") for number in range(WRONG_ADDRESS_HOURLY + 5)]
    assert sum(await asyncio.gather(*guesses)) == WRONG_ADDRESS_HOURLY


async def add(tx: Tx, number: int, method: str) -> None:
    members: dict[str, Any] = {
        "org_id": "org_1",
        "person_id": "per_1",
        "session_id": "ses_1",
        "escalation_id": None,
        "factor_id": None,
        "purpose": "link",
        "intent_hash": "sha256:0",
        "began_at": NOW,
        "expires_at": NOW + 1,
    }
    await step_up_store.add(tx, step_up_id=f"stu_9{number:03d}", method=method, **members)


@pytest.mark.parametrize(
    ("method", "most"), [("sms_otp", SENT_LIMIT), ("email_otp", SENT_LIMIT), ("totp", BEGUN_LIMIT)]
)
async def test_what_costs_a_message_is_begun_less_often(database: Database, method: str, most: int) -> None:
    first = "stu_9"

    async def work(tx: Tx) -> list[bool]:
        found = []
        for number in range(most):
            found.append(await refuse_many_in(tx, method, "per_1", first) is None)
            await add(tx, number, method)
        return [*found, await refuse_many_in(tx, method, "per_1", first) is None]

    assert await database.run(work) == [*[True] * most, False]
