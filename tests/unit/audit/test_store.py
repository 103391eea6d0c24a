"""The SQL of the log, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from approvals_hub.audit import store
from approvals_hub.audit.batch import Run
from approvals_hub.audit.filter import EVERYTHING, Filter
from approvals_hub.audit.store import Head
from approvals_hub.db.database import Database, Tx
from tests.unit.audit.log_in_use import ORG, START, Log, event


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


async def test_organisations_with_unsealed_entries_wait_since_their_oldest(log: Log) -> None:
    await log.record(event(5), event(3), event(9, org_id="org_2"))
    assert await log.db.read(store.waiting) == {ORG: START + 3, "org_2": START + 9}


async def test_an_organisation_whose_entries_are_sealed_does_not_wait(log: Log) -> None:
    await log.grow(2)
    assert await log.db.read(store.waiting) == {}


async def test_a_log_without_checkpoints_is_empty(log: Log) -> None:
    assert await log.head() == Head()


async def test_only_one_checkpoint_has_a_size(log: Log) -> None:
    await log.grow(1)

    async def again(tx: Tx) -> None:
        await store.add_checkpoint(tx, ORG, await store.head(tx, ORG), START)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await log.db.run(again)


async def test_two_entries_never_have_one_place(log: Log) -> None:
    await log.grow(2)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await log.attack("UPDATE audit_entries SET idx = 0 WHERE idx = 1")


async def test_the_bounds_of_a_part_are_those_of_its_entries(log: Log) -> None:
    await log.grow(30)

    async def read(tx: Tx) -> list[tuple[int, int]]:
        return [
            await store.bounds(tx, ORG, EVERYTHING, 30),
            await store.bounds(tx, ORG, Filter(agent="agt_1"), 30),
            await store.bounds(tx, ORG, Filter(agent="agt_1"), 10),
            await store.bounds(tx, ORG, Filter(agent="agt_9"), 30),
        ]

    assert await log.db.read(read) == [(0, 30), (1, 29), (1, 8), (0, 0)]


async def test_more_writers_than_one_statement_takes_get_their_places(log: Log) -> None:
    for number in range(70):
        await Log(log.db, log.folder).record(event(number, org_id=f"org_{number}"))
        await log.attack("UPDATE audit_entries SET org_id = 'org_many' WHERE org_id = :o", o=f"org_{number}")

    async def work(tx: Tx) -> int:
        entries = await store.unsealed(tx, "org_many", 100)
        runs = [Run(entry.writer, entry.seq, entry.seq, index) for index, entry in enumerate(entries)]
        return await store.assign(tx, "org_many", runs)

    assert await log.db.run(work) == 70
    assert len(await log.bodies("org_many")) == 70
