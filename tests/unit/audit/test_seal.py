"""Sealing on both engines: what is written in between is refused, what is sealed is signed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from approvals_hub.audit.seal import Sealed, SealingRefused
from approvals_hub.db.database import Database, Tx
from approvals_hub_client import checkpoint
from tests.unit.audit.log_in_use import ORG, START, Log, event, verifier


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


async def test_sealing_gives_entries_their_places_and_signs_the_root(log: Log) -> None:
    await log.record(event(0), event(1), event(2))
    assert await log.sealer.seal(ORG) == Sealed(ORG, 3, 3)
    head = await log.head()
    signed = checkpoint.verify(head.note, verifier())
    assert (signed.size, signed.root) == (3, await log.root())


async def test_the_root_over_many_seals_is_that_of_all_entries(log: Log) -> None:
    for first in range(0, 900, 180):
        await log.grow(180, first=first)
    assert (await log.head()).root == await log.root()
    assert await log.root_of_tiles(900) == await log.root()


async def test_there_is_nothing_to_seal_in_a_log_without_new_entries(log: Log) -> None:
    await log.grow(1)
    assert await log.sealer.seal(ORG) is None


async def test_a_backlog_is_sealed_in_batches(database: Database, tmp_path: Path) -> None:
    log = Log(database, tmp_path, batch=100)
    await log.record(*map(event, range(250)))
    assert [await log.sealer.seal(ORG) for _ in range(4)] == [
        Sealed(ORG, 100, 100),
        Sealed(ORG, 200, 100),
        Sealed(ORG, 250, 50),
        None,
    ]


async def test_a_batch_that_cuts_between_entries_of_one_writer_takes_the_earlier_ones_too(
    database: Database, tmp_path: Path
) -> None:
    log = Log(database, tmp_path, batch=2)
    await log.record(event(0, at=START + 50), event(1, at=START + 60), event(2, at=START + 10))
    while isinstance(result := await log.sealer.seal(ORG), Sealed):
        pass
    assert result is None
    assert (await log.head()).size == 3


async def test_all_organisations_that_wait_are_sealed_each_in_its_own_log(log: Log) -> None:
    await log.record(event(0), event(1, org_id="org_2"), event(2))
    results = await log.sealer.seal_all()
    assert sorted(results, key=lambda result: result.org_id) == [Sealed(ORG, 2, 2), Sealed("org_2", 1, 1)]


async def test_a_second_process_goes_on_where_the_first_one_stopped(database: Database, tmp_path: Path) -> None:
    await Log(database, tmp_path).grow(5)
    second = Log(database, tmp_path)
    await second.grow(5, first=5)
    assert (await second.head()).root == await second.root()


async def test_two_sealers_at_once_give_each_entry_one_place(database: Database, tmp_path: Path) -> None:
    one, other = Log(database, tmp_path / "a", batch=40), Log(database, tmp_path / "b", batch=40)
    await one.record(*map(event, range(300)))

    async def until_done(log: Log) -> None:
        while (await log.head()).size < 300:
            assert not isinstance(await log.sealer.seal(ORG), SealingRefused)

    await asyncio.gather(until_done(one), until_done(other))
    head = await one.head()
    assert (head.size, head.root) == (300, await one.root())


async def test_two_sealers_at_once_seal_a_log_that_belongs_to_no_organisation(
    database: Database, tmp_path: Path
) -> None:
    one, other = Log(database, tmp_path / "a"), Log(database, tmp_path / "b")
    for first in range(0, 200, 10):
        await one.record(*map(event, range(first, first + 5)))
        mine = asyncio.create_task(one.sealer.seal(ORG))
        await other.record(*map(event, range(first + 5, first + 10)))
        await asyncio.gather(mine, other.sealer.seal(ORG))
    await one.grow(0)
    assert (await one.head()).root == await one.root()
    assert (one.sealer.refused, other.sealer.refused) == ({}, {})


async def test_a_command_that_seals_while_the_worker_does_disturbs_neither(log: Log) -> None:
    for first in range(0, 40, 2):
        await log.record(event(first), event(first + 1, org_id="org_2"))
        await asyncio.gather(*[log.sealer.seal_all() for _ in range(3)])
    while await log.sealer.seal_all():
        pass
    assert log.sealer.waiting == {}
    assert (await log.head()).size == 20


async def test_the_lag_is_the_age_of_the_oldest_unsealed_entry(log: Log) -> None:
    assert await log.sealer.lag() == 0
    await log.record(event(0), event(700))
    log.now[0] = START + 10_000
    assert await log.sealer.lag() == 10_000


async def test_the_newest_checkpoint_lies_outside_the_database_too(log: Log) -> None:
    await log.grow(2)
    await log.grow(2, first=2)
    assert log.outside.read(ORG) == (await log.head()).note


async def refusal(log: Log) -> tuple[int, str]:
    size = (await log.head()).size
    result = await log.sealer.seal(ORG)
    assert isinstance(result, SealingRefused)
    assert log.sealer.refused == {ORG: result}
    assert (await log.head()).size == size
    return result.seq, result.why


async def test_a_checkpoint_that_could_not_be_kept_outside_is_kept_once_it_can_be(log: Log) -> None:
    log.outside.path.write_text("a file where the folder should be")
    await log.record(event(0))
    for _ in range(2):
        with pytest.raises(FileExistsError):
            await log.sealer.seal_all()
    log.outside.path.unlink()
    assert await log.sealer.seal_all() == []
    assert log.outside.read(ORG) == (await log.head()).note


async def test_an_entry_deleted_before_it_was_sealed_stops_the_log(log: Log) -> None:
    await log.record(*map(event, range(4)))
    await log.attack("DELETE FROM audit_entries WHERE seq = 2")
    assert await refusal(log) == (2, "an entry is missing")


async def test_the_first_entry_of_a_writer_deleted_before_it_was_sealed_stops_the_log(log: Log) -> None:
    await log.record(*map(event, range(4)))
    await log.attack("DELETE FROM audit_entries WHERE seq = 0")
    assert await refusal(log) == (0, "an entry is missing")


async def test_the_last_entry_deleted_before_it_was_sealed_stops_the_log_at_the_next(log: Log) -> None:
    await log.grow(2)
    await log.record(event(2))
    await log.attack("DELETE FROM audit_entries WHERE seq = 2")
    await log.record(event(3))
    assert await refusal(log) == (2, "an entry is missing")


async def test_an_entry_edited_before_it_was_sealed_stops_the_log(log: Log) -> None:
    await log.record(*map(event, range(3)))
    body = (await all_bodies(log))[1].replace(b"agt_1", b"agt_2")
    await log.attack("UPDATE audit_entries SET body = :body WHERE seq = 1", body=body)
    assert await refusal(log) == (1, "an entry was changed after it was written")


async def test_an_entry_moved_to_another_organisation_stops_that_ones_log(log: Log) -> None:
    await log.record(event(0, org_id="org_2"))
    await log.attack("UPDATE audit_entries SET org_id = 'org_1'")
    assert await refusal(log) == (0, "an entry was moved here from elsewhere")


async def test_an_entry_made_up_without_the_key_stops_the_log(log: Log) -> None:
    await log.record(event(0))
    await log.attack(
        "INSERT INTO audit_entries (org_id, writer, seq, at, id, kind, actor_type, actor_id, body, mac) "
        "SELECT org_id, writer, 1, at, 'ent_x', kind, actor_type, actor_id, body, mac FROM audit_entries"
    )
    assert await refusal(log) == (1, "an entry was changed after it was written")


async def test_a_tile_changed_behind_the_hubs_back_stops_the_log(log: Log) -> None:
    await log.grow(3)
    await log.attack("UPDATE audit_tiles SET hashes = :hashes", hashes=bytes(96))
    await log.record(event(3))
    assert await refusal(log) == (3, "the stored tiles do not lead to the signed root")


async def test_a_tile_cut_behind_the_hubs_back_stops_the_log(log: Log) -> None:
    await log.grow(3)
    await log.attack("DELETE FROM audit_tiles")
    await log.record(event(3))
    assert await refusal(log) == (3, "tile/0/000 holds 0 hashes where 2 are needed")


async def test_a_log_that_was_put_right_goes_on(log: Log) -> None:
    await log.record(*map(event, range(3)))
    await log.attack("UPDATE audit_entries SET seq = 9 WHERE seq = 1")
    await refusal(log)
    await log.attack("UPDATE audit_entries SET seq = 1 WHERE seq = 9")
    assert await log.sealer.seal(ORG) == Sealed(ORG, 3, 3)
    assert log.sealer.refused == {}


async def test_one_organisations_broken_log_stops_no_others(log: Log) -> None:
    await log.record(event(0), event(1), event(0, org_id="org_2"))
    await log.attack("DELETE FROM audit_entries WHERE org_id = 'org_1' AND seq = 0")
    results = {result.org_id: type(result) for result in await log.sealer.seal_all()}
    assert results == {ORG: SealingRefused, "org_2": Sealed}


async def test_a_rolled_back_unit_leaves_no_hole(log: Log) -> None:
    async def fails(tx: Tx) -> None:
        await log.recorder.record(tx, event(1))
        raise RuntimeError("after the entry")

    await log.record(event(0))
    with pytest.raises(RuntimeError, match="after the entry"):
        await log.db.run(fails)
    await log.record(event(2))
    while await log.sealer.seal(ORG):
        pass
    assert (await log.head()).size == 2


async def test_many_connections_writing_at_once_leave_no_hole(log: Log) -> None:
    await asyncio.gather(*(log.record(event(number)) for number in range(200)))
    while isinstance(await log.sealer.seal(ORG), Sealed):
        pass
    head = await log.head()
    assert (head.size, head.root) == (200, await log.root())


async def all_bodies(log: Log) -> list[bytes]:
    async def read(tx: Tx) -> list[bytes]:
        return [row["body"] for row in await tx.rows("SELECT body FROM audit_entries ORDER BY writer, seq")]

    return await log.db.read(read)
