"""Exports from both engines: everything, parts, and what was changed in the database after it was sealed."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from approvals_hub.audit.filter import Filter
from approvals_hub.audit.report import Bad, Report
from approvals_hub.audit.verify import verify
from approvals_hub.db.database import Database
from approvals_hub_client.tree import leaf_hash
from tests.unit.audit.log_in_use import ORG, START, Log, event, verifier


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


def checked(export: bytes) -> Report:
    report = verify(BytesIO(export), keys=[str(verifier())])
    assert report.ok, report.first_bad
    return report


def shown(export: bytes) -> list[int]:
    lines = map(json.loads, export.splitlines())
    return [line["index"] for line in lines if "entry" in line]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1300])
async def test_everything_is_exported_and_verifies(log: Log, size: int) -> None:
    await log.grow(size)
    report = checked(await log.export())
    assert (report.entries, report.first, report.last, report.size) == (size, 0, size - 1, size)
    assert report.root == (await log.head()).root.hex()


async def test_a_log_without_entries_verifies_too(log: Log) -> None:
    assert checked(await log.export()).entries == 0


async def test_every_line_holds_the_exact_bytes_that_are_stored(log: Log) -> None:
    await log.grow(3)
    lines = [line for line in (await log.export()).splitlines() if line.startswith(b'{"index"')]
    assert [line.partition(b',"entry":')[2][:-1] for line in lines] == await log.bodies()


async def test_all_checkpoints_of_the_range_are_exported(log: Log) -> None:
    for first in range(0, 60, 20):
        await log.grow(20, first=first)
    assert checked(await log.export()).checkpoints == 3


async def test_what_is_not_sealed_yet_is_not_exported(log: Log) -> None:
    await log.grow(2)
    await log.record(event(2))
    assert checked(await log.export()).entries == 2


PARTS = [
    (Filter(agent="agt_1"), [index for index in range(600) if index % 3 == 1]),
    (Filter(escalation="esc_300"), [300]),
    (Filter(since=START + 590), list(range(590, 600))),
    (Filter(until=START + 3), [0, 1, 2]),
    (Filter(since=START + 250, until=START + 260), list(range(250, 260))),
    (Filter(actor="agt_2", since=START + 594), [596, 599]),
    (Filter(kind="org.created"), []),
    (Filter(kind="escalation.opened", until=START + 1), [0]),
    (Filter(action_type="payments.transfer", until=START + 1), [0]),
    (Filter(decision="approve"), []),
    (Filter(policy="pol_1"), []),
]
"""Filters, and the places of what they find among 600 entries of three agents."""


async def test_a_part_is_exported_with_its_places_in_the_log(log: Log) -> None:
    for first in range(0, 600, 150):
        await log.grow(150, first=first)
    for wanted, expected in PARTS:
        export = await log.export(wanted)
        report = checked(export)
        assert (wanted, shown(export)) == (wanted, expected)
        assert (report.entries, report.query) == (len(expected), wanted.query())


async def test_nothing_of_another_organisation_is_exported(log: Log) -> None:
    await log.grow(3)
    await log.grow(3, org_id="org_2")
    assert b"org_2" not in await log.export()


async def bad(log: Log) -> Bad:
    found = verify(BytesIO(await log.export()), keys=[str(verifier())]).first_bad
    assert found is not None
    return found


async def test_an_entry_edited_in_the_database_is_named_by_the_verification(log: Log) -> None:
    await log.grow(300)
    body = (await log.bodies())[270].replace(b"agt_", b"agx_")
    await log.attack("UPDATE audit_entries SET body = :body WHERE idx = 270", body=body)
    found = await bad(log)
    assert (found.kind, found.index) == ("edited", 270)


@pytest.mark.parametrize("index", [0, 150, 299])
async def test_an_entry_deleted_from_the_database_is_named_by_the_verification(log: Log, index: int) -> None:
    await log.grow(300)
    await log.attack("DELETE FROM audit_entries WHERE idx = :index", index=index)
    found = await bad(log)
    assert (found.kind, found.index) == ("missing", index)


async def test_two_entries_exchanged_in_the_database_are_named_by_the_verification(log: Log) -> None:
    await log.grow(30)
    for old, new in ((11, 99), (12, 11), (99, 12)):
        await log.attack("UPDATE audit_entries SET idx = :new WHERE idx = :old", old=old, new=new)
    found = await bad(log)
    assert (found.kind, found.index) == ("reordered", 11)


async def test_an_entry_rewritten_with_its_tile_is_caught_in_the_interval_of_its_checkpoint(log: Log) -> None:
    for first in range(0, 90, 30):
        await log.grow(30, first=first)
    bodies = await log.bodies()
    bodies[40] = bodies[40].replace(b"agt_", b"agx_")
    await log.attack("UPDATE audit_entries SET body = :body WHERE idx = 40", body=bodies[40])
    await log.attack("UPDATE audit_tiles SET hashes = :hashes", hashes=b"".join(map(leaf_hash, bodies)))
    found = await bad(log)
    assert (found.kind, found.index, found.end) == ("interval", 30, 60)


async def test_the_tail_cut_from_the_database_is_caught_by_a_checkpoint_kept_elsewhere(log: Log) -> None:
    await log.grow(30)
    await log.grow(30, first=30)
    kept = (await log.head()).note
    await log.attack("DELETE FROM audit_entries WHERE idx >= 30")
    await log.attack("DELETE FROM audit_checkpoints WHERE size > 30")
    export = await log.export()
    assert verify(BytesIO(export), keys=[str(verifier())]).ok
    found = verify(BytesIO(export), keys=[str(verifier())], kept=kept).first_bad
    assert found is not None
    assert (found.kind, found.index) == ("cut", 30)


async def test_an_export_of_one_organisation_is_not_one_of_another(log: Log) -> None:
    await log.grow(1)
    found = verify(BytesIO(await log.export()), keys=[str(verifier("org_2"))]).first_bad
    assert found is not None
    assert found.kind == "key"
    assert ORG in found.why
