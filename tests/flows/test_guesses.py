"""Guessing codes with stolen sessions of many people, each guess from another address: how many are ever looked at."""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import pytest

from approvals_hub.core.errors import HubError
from approvals_hub.stepup.step_up import MOST_TRIES, WRONG_EVERYBODY_HOURLY, WRONG_PERSON_HOURLY
from tests.unit.hub_fixture import StaffedHub
from tests.unit.step_up_actor import App, begin, complete, link_app, question

LONG = os.environ.get("SOAK") == "1"
GUESSES, PEOPLE = (100_000, 60) if LONG else (200, 3)
HOUR = 3_600_000


async def guess(app: App, statement: dict[str, object], step: str | None, source: str) -> tuple[str, str | None]:
    """One guess from this address, at a step-up of its own where none runs; what came of it, and what runs now."""
    try:
        step = step or (await begin(app.person, statement, source=source)).step.id
        await complete(app.person, step, app.wrong(), source=source)
    except HubError as error:
        return error.code, None if error.code == "step_up_ended" else step
    return "proven", step


def address(number: int) -> str:
    """Another one for each guess."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@pytest.mark.soak
async def test_however_many_guesses_from_however_many_addresses_few_are_looked_at_and_none_is_taken(
    house: StaffedHub,
) -> None:
    apps = [await link_app(await house.person(f"P{number}")) for number in range(PEOPLE)]
    house.time.now += HOUR - house.time.now % HOUR
    name = await question(house, methods=("passkey", "totp"))
    statements = [await app.person.statement(name) for app in apps]
    running: list[str | None] = [None] * PEOPLE
    of_person: list[Counter[str]] = [Counter() for _ in range(PEOPLE)]
    of_step: Counter[str] = Counter()
    for first in range(0, GUESSES, PEOPLE):
        # All of them at once, one each: a commit on disk is shared by those that come together, and they race.
        guesses = [guess(apps[who], statements[who], running[who], address(first + who)) for who in range(PEOPLE)]
        for who, (said, runs) in enumerate(await asyncio.gather(*guesses)):
            running[who] = runs
            of_person[who][said] += 1
            if said == "wrong_answer":
                of_step[runs or ""] += 1
    said = sum(of_person, Counter())
    assert said.total() >= GUESSES
    assert said["proven"] == 0
    assert said["wrong_answer"] <= min(WRONG_EVERYBODY_HOURLY, PEOPLE * WRONG_PERSON_HOURLY)
    assert max(each["wrong_answer"] for each in of_person) <= WRONG_PERSON_HOURLY
    assert max(of_step.values()) <= MOST_TRIES
    assert said["too_many_wrong_answers"] >= GUESSES // 3, said

    # The right code is one guess more: refused as long as the hour is, taken in the next one.
    victim = apps[0]
    with pytest.raises(HubError) as shut:
        await begin(victim.person, await victim.person.statement(name), source="203.0.113.9")
    assert shut.value.code == "too_many_wrong_answers"
    house.time.now += HOUR
    await victim.approve(await question(house))
