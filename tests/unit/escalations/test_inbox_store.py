"""Lines of the inbox: there while a question is open, gone when it ends, and back for who comes back."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.clock import SECOND
from approvals_hub.escalations import inbox_store
from tests.unit.hub_fixture import StaffedHub


async def run(house: StaffedHub, work: Any) -> Any:
    return await house.hub.db.run(work)


async def test_an_end_empties_every_inbox_and_says_whose(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    opened = (await house.bot.ask()).escalation
    readers = await run(house, lambda tx: inbox_store.close(tx, opened.id))
    assert sorted(readers) == sorted([ada.person_id, bo.person_id])
    assert await run(house, lambda tx: inbox_store.close(tx, opened.id)) == []


async def test_lines_leave_one_inbox_and_no_other(house: StaffedHub) -> None:
    ada, bo = await house.person("Ada"), await house.person("Bo")
    first, second = (await house.bot.ask()).escalation, (await house.bot.ask()).escalation
    await run(house, lambda tx: inbox_store.leave(tx, person_id=ada.person_id, escalation_ids=[first.id]))
    assert [line.escalation.id for line in (await house.hub.inbox(ada.credential)).lines] == [second.id]
    await run(house, lambda tx: inbox_store.leave(tx, person_id=ada.person_id))
    assert (await house.hub.inbox(ada.credential)).lines == []
    assert len((await house.hub.inbox(bo.credential)).lines) == 2


async def test_what_was_left_behind_are_open_questions_of_this_person_alone(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    kept, taken = (await house.bot.ask()).escalation, (await house.bot.ask()).escalation
    soon = (await house.bot.ask(expires_in=60)).escalation
    ended = (await house.bot.ask()).escalation
    await house.hub.withdraw(house.bot.credential(), ended.id)
    for one in (taken, soon):
        await run(house, lambda tx, one=one: inbox_store.leave(tx, person_id=ada.person_id, escalation_ids=[one.id]))
    now = house.time.now + 60 * SECOND
    found = await run(house, lambda tx: inbox_store.left_behind(tx, person_id=ada.person_id, now=now))
    assert [row["id"] for row in found] == [taken.id]
    owner = house.owner.person_id  # never frozen: their own agent asked
    assert await run(house, lambda tx: inbox_store.left_behind(tx, person_id=owner, now=now)) == []
    assert kept.id in [line.escalation.id for line in (await house.hub.inbox(ada.credential)).lines]


@pytest.mark.parametrize("environment", ['"%s"', "%s", "\\%s", '\\"%s'])
async def test_a_label_that_names_somebody_makes_nobody_one_of_the_frozen_people(
    house: StaffedHub, environment: str
) -> None:
    await house.person("Ada")
    await house.require(environment=environment.replace("%s", house.owner.person_id))
    await house.bot.ask()
    found = await run(
        house, lambda tx: inbox_store.left_behind(tx, person_id=house.owner.person_id, now=house.time.now)
    )
    assert found == []


async def test_a_pattern_in_the_place_of_an_id_finds_nothing(house: StaffedHub) -> None:
    await house.bot.ask()
    for pattern in ("%", "per_%", "___" + house.owner.person_id[3:]):
        found = await run(house, lambda tx, pattern=pattern: inbox_store.left_behind(tx, person_id=pattern, now=0))
        assert found == []


async def test_what_has_ended_is_not_put_back(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    ended = (await house.bot.ask()).escalation
    await house.hub.withdraw(house.bot.credential(), ended.id)
    await run(house, lambda tx: inbox_store.put_back(tx, person_id=ada.person_id, escalation_id=ended.id))
    assert await house.rows("SELECT 1 FROM inbox") == []


async def test_what_is_there_already_is_put_back_without_a_second_line(house: StaffedHub) -> None:
    ada = await house.person("Ada")
    opened = (await house.bot.ask()).escalation
    await run(house, lambda tx: inbox_store.put_back(tx, person_id=ada.person_id, escalation_id=opened.id))
    assert len((await house.hub.inbox(ada.credential)).lines) == 1
