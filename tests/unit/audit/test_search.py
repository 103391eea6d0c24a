"""Searching the log on both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from approvals_hub.audit.filter import Filter
from approvals_hub.audit.search import Search
from approvals_hub.core.errors import Invalid
from approvals_hub.db.database import Database
from tests.unit.audit.log_in_use import ORG, Log, event


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> Log:
    log = Log(database, tmp_path)
    await log.grow(30)
    return log


async def all_pages(log: Log, wanted: Filter, *, newest_first: bool, limit: int = 4) -> list[int]:
    found, cursor = [], None
    while True:
        page = await Search(log.db).find(ORG, wanted, cursor=cursor, limit=limit, newest_first=newest_first)
        found += [shown.index for shown in page.items]
        cursor = page.next
        if cursor is None:
            return found


async def test_the_newest_entries_come_first(log: Log) -> None:
    assert await all_pages(log, Filter(), newest_first=True) == list(range(29, -1, -1))


async def test_the_oldest_entries_come_first_when_asked(log: Log) -> None:
    assert await all_pages(log, Filter(), newest_first=False) == list(range(30))


@pytest.mark.parametrize("newest_first", [True, False])
async def test_pages_of_a_part_hold_that_part_once(log: Log, newest_first: bool) -> None:
    found = await all_pages(log, Filter(agent="agt_1"), newest_first=newest_first)
    assert sorted(found) == [index for index in range(30) if index % 3 == 1]


async def test_entries_of_one_escalation_are_found(log: Log) -> None:
    assert await all_pages(log, Filter(escalation="esc_7"), newest_first=True) == [7]


async def test_a_page_that_ends_exactly_at_the_end_has_no_next(log: Log) -> None:
    page = await Search(log.db).find(ORG, Filter(), limit=30)
    assert (len(page.items), page.next) == (30, None)


async def test_an_entry_is_shown_as_it_is_stored(log: Log) -> None:
    page = await Search(log.db).find(ORG, Filter(escalation="esc_7"))
    assert json.loads(bytes(page.items[0].entry))["detail"] == {"number": 7}


async def test_entries_written_while_somebody_pages_do_not_move_the_pages(log: Log) -> None:
    first = await Search(log.db).find(ORG, Filter(), limit=10)
    await log.grow(5, first=30)
    second = await Search(log.db).find(ORG, Filter(), limit=10, cursor=first.next)
    assert [shown.index for shown in second.items] == list(range(19, 9, -1))


async def test_another_organisations_entries_are_not_found(log: Log) -> None:
    await log.record(event(1, org_id="org_2"))
    await log.sealer.seal("org_2")
    page = await Search(log.db).find("org_2", Filter())
    assert len(page.items) == 1


@pytest.mark.parametrize("cursor", ["", "-1", "x", "1.5", "١", "9" * 19])
async def test_a_cursor_that_is_none_is_refused(log: Log, cursor: str) -> None:
    with pytest.raises(Invalid):
        await Search(log.db).find(ORG, Filter(), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_limit_out_of_bounds_is_refused(log: Log, limit: int) -> None:
    with pytest.raises(Invalid):
        await Search(log.db).find(ORG, Filter(), limit=limit)
