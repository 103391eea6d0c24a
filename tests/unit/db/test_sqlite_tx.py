"""How a unit's coroutine is driven on the connection's thread."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from approvals_hub.core.errors import Unavailable
from approvals_hub.db.database import Tx
from approvals_hub.db.sqlite import SqliteDatabase
from approvals_hub.db.sqlite_tx import unavailable
from tests.unit.db.settings import names, put


async def test_a_unit_that_waits_for_something_else_is_ended_and_rolled_back(sqlite_database: SqliteDatabase) -> None:
    ended: list[str] = []

    async def work(tx: Tx) -> None:
        await put(tx, "a")
        try:
            await asyncio.sleep(0)
        finally:
            ended.append("ended")

    with pytest.raises(RuntimeError, match="awaited something that is not its own tx"):
        await sqlite_database.run(work)
    assert ended == ["ended"]
    assert await sqlite_database.read(names) == []


async def test_work_that_is_no_coroutine_fails_alone(sqlite_database: SqliteDatabase) -> None:
    with pytest.raises(AttributeError):
        await sqlite_database.run(lambda tx: 7)  # type: ignore[arg-type,return-value]  # the mistake under test
    await sqlite_database.run(lambda tx: put(tx, "a"))


async def test_a_broken_rule_of_the_schema_is_the_units_own_error(sqlite_database: SqliteDatabase) -> None:
    async def work(tx: Tx) -> None:
        await put(tx, "a")
        await put(tx, "a")

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        await sqlite_database.run(work)
    assert await sqlite_database.read(names) == []


def test_the_callers_refusal_keeps_the_engines_error_as_its_cause() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    refusal = unavailable(error)
    assert isinstance(refusal, Unavailable)
    assert refusal.__cause__ is error
    assert "I/O" not in refusal.detail
    assert unavailable(refusal) is refusal
