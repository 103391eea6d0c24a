"""What happens by itself."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from approvals_hub.audit.checkpoint_file import CheckpointFolder
from approvals_hub.core.errors import Unavailable
from approvals_hub.workers import Workers
from tests.fakes.step_up_plugin.installed import with_entry_points
from tests.fakes.step_up_plugin.moody import fresh_vendor
from tests.unit.hub_fixture import StaffedHub, staffed_hub
from tests.unit.step_up_actor import begin_link


@pytest.fixture
async def workers(house: StaffedHub) -> AsyncIterator[Workers]:
    workers = Workers(house.hub, pace=0.02)
    yield workers
    await workers.stop()


async def until(holds: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_question_that_nobody_answered_ends_by_itself(house: StaffedHub, workers: Workers) -> None:
    opened = await house.bot.ask(expires_in=10)
    waiting = asyncio.create_task(house.bot.standing(opened.escalation.id, seconds=30))
    house.time.now += 10_000
    workers.start()
    assert (await waiting).escalation.state == "expired_unseen"


async def test_entries_are_sealed_within_a_moment(house: StaffedHub, workers: Workers) -> None:
    workers.start()
    async with asyncio.timeout(10):
        while await house.rows("SELECT 1 AS one FROM audit_entries WHERE idx IS NULL"):
            await asyncio.sleep(0.01)
    assert house.hub.sealer.outside.read(house.org_id) is not None


class Growing(CheckpointFolder):
    """A folder beside which something is written to the log whenever a checkpoint comes."""

    __slots__ = ("asks",)

    asks: Callable[[], object]

    def write(self, org_id: str, note: str) -> None:
        super().write(org_id, note)
        self.asks()


async def test_a_log_that_grows_while_it_is_sealed_is_not_sealed_without_a_pause(
    house: StaffedHub, workers: Workers
) -> None:
    loop, sealer = asyncio.get_running_loop(), house.hub.sealer
    growing = Growing(sealer.outside.path)
    object.__setattr__(growing, "asks", lambda: asyncio.run_coroutine_threadsafe(house.bot.ask(), loop).result(20))
    sealer.outside = growing
    async with asyncio.timeout(20):
        await workers._seal()
    assert await house.rows("SELECT 1 AS one FROM audit_entries WHERE idx IS NULL") != []
    sealer.outside = CheckpointFolder(growing.path)


async def test_more_than_a_batch_is_sealed_without_a_pause(house: StaffedHub, workers: Workers) -> None:
    house.hub.sealer.batch = 2
    for _ in range(3):
        await house.bot.ask()
    async with asyncio.timeout(20):
        await workers._seal()
    assert await house.rows("SELECT 1 AS one FROM audit_entries WHERE idx IS NULL") == []


async def test_what_the_first_answer_needs_is_loaded_beside_the_loop(house: StaffedHub, workers: Workers) -> None:
    workers.start()
    [warming] = [task for task in asyncio.all_tasks() if task.get_name() == "worker:warm-up"]
    await warming
    assert {"pyseto", "webauthn"} <= sys.modules.keys()


async def test_a_log_that_was_touched_is_said_aloud_once(house: StaffedHub, workers: Workers) -> None:
    await house.change("UPDATE audit_entries SET body = :body WHERE kind = 'agent.registered'", body=b"{}")
    with capture_logs() as said:
        workers.start()
        await until(lambda: [line for line in said if line["event"] == "log_refused"])
        await workers._seal()
    refused = [line for line in said if line["event"] == "log_refused"]
    assert [(line["org_id"], line["log_level"]) for line in refused] == [(house.org_id, "critical")]
    with pytest.raises(Unavailable):
        await house.hub.log_watch.check()


async def test_a_failure_is_logged_and_tried_again_and_stops_no_other_worker(
    house: StaffedHub, workers: Workers
) -> None:
    await house.change("ALTER TABLE request_nonces RENAME TO away")
    with capture_logs() as said:
        workers.start()
        await until(lambda: [line for line in said if line["event"] == "worker_failed"])
    assert {line["worker"] for line in said if line["event"] == "worker_failed"} == {"forgetting"}
    await house.change("ALTER TABLE away RENAME TO request_nonces")
    old = house.bot.credential()
    await house.hub.read_agents.itself(old)
    house.time.now += 301_000
    async with asyncio.timeout(10):
        while await house.rows("SELECT 1 AS one FROM request_nonces"):
            await asyncio.sleep(0.01)


async def test_keys_that_another_process_made_are_found(house: StaffedHub, workers: Workers) -> None:
    new = await house.hub.rotate_keys.signing_key("token")
    del house.hub.ring._keys[new.kid]
    workers.start()
    await until(lambda: house.hub.ring.find(new.kid))


async def test_stopping_seals_what_is_left(house: StaffedHub) -> None:
    workers = Workers(house.hub, pace=0.02)
    workers.start()
    await house.bot.ask()
    await workers.stop()
    assert await house.rows("SELECT 1 AS one FROM audit_entries WHERE idx IS NULL") == []


async def test_stopping_ends_every_task(house: StaffedHub) -> None:
    before = asyncio.all_tasks()
    workers = Workers(house.hub, pace=0.02)
    workers.start()
    await workers.stop()
    assert asyncio.all_tasks() == before


async def test_a_stop_that_cannot_seal_says_so_and_ends(house: StaffedHub) -> None:
    await house.change("UPDATE signing_keys SET retired_at = 1")
    await house.hub.ring.load()
    workers = Workers(house.hub, pace=0.02)
    with capture_logs() as said:
        await workers.stop()
    assert [(line["event"], line["worker"]) for line in said] == [("worker_failed", "sealing")]


async def test_orders_at_vendors_are_asked_about_by_themselves(
    database_place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, packages = fresh_vendor(), tmp_path / "packages"
    packages.mkdir()
    with_entry_points(packages, "moody", {"moody": "tests.fakes.step_up_plugin.moody:make"})
    monkeypatch.syspath_prepend(packages)
    async with staffed_hub(database_place, tmp_path, {"moody": {}}) as house:
        name = (await begin_link(house.owner)).step.id
        vendor.approve(name)
        workers = Workers(house.hub, pace=0.02)
        workers.start()
        house.time.now += 2000
        async with asyncio.timeout(10):
            while not await house.rows("SELECT 1 AS one FROM factors"):
                await asyncio.sleep(0.01)
        await workers.stop()


async def test_stopping_does_not_wait_for_a_silent_vendor(
    sqlite_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, packages = fresh_vendor(), tmp_path / "packages"
    packages.mkdir()
    with_entry_points(packages, "moody", {"moody": "tests.fakes.step_up_plugin.moody:make"})
    monkeypatch.syspath_prepend(packages)
    async with staffed_hub(sqlite_path, tmp_path, {"moody": {}}) as house:
        before = asyncio.all_tasks()
        await begin_link(house.owner)
        vendor.does["collect"] = vendor.hang
        workers = Workers(house.hub, pace=0.02)
        workers.start()
        house.time.now += 2000
        await until(lambda: vendor.called("collect"))
        async with asyncio.timeout(9):
            await workers.stop()
        vendor.shut.set()
        await until(lambda: asyncio.all_tasks() == before)


async def test_counts_of_past_hours_are_forgotten_by_themselves(house: StaffedHub, workers: Workers) -> None:
    await house.change("INSERT INTO wrong_answers (source, hour, count) VALUES ('address:192.0.2.1', 1, 1)")
    workers.start()
    async with asyncio.timeout(10):
        while await house.rows("SELECT 1 AS one FROM wrong_answers"):
            await asyncio.sleep(0.01)
