"""Which copy of the database this is."""

from __future__ import annotations

import asyncio

from approvals_hub.db.database import Database
from approvals_hub.keys.epoch import Epoch, begin_epoch_in, read_epoch_in, start_epoch_in


async def test_a_new_database_has_no_epoch(database: Database) -> None:
    assert await database.read(read_epoch_in) is None


async def test_the_first_start_begins_an_epoch_and_later_ones_keep_it(database: Database) -> None:
    first = await database.run(lambda tx: begin_epoch_in(tx, 5))
    assert first.started == 5
    assert await database.run(lambda tx: begin_epoch_in(tx, 9)) == first
    assert await database.read(read_epoch_in) == first


async def test_a_restored_copy_starts_another_one(database: Database) -> None:
    first = await database.run(lambda tx: begin_epoch_in(tx, 5))
    second = await database.run(lambda tx: start_epoch_in(tx, 9))
    assert second.epoch_id != first.epoch_id
    assert await database.read(read_epoch_in) == Epoch(second.epoch_id, 9)


async def test_two_processes_that_start_at_once_on_a_new_database_agree(database: Database) -> None:
    begun = await asyncio.gather(*(database.run(lambda tx: begin_epoch_in(tx, 5)) for _ in range(4)))
    assert len(set(begun)) == 1
