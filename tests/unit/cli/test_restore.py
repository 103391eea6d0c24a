"""Putting a copy in the place of the database."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from approvals_hub.cli.failures import Failed
from approvals_hub.cli.local import call
from approvals_hub.cli.opening import locked, opened
from approvals_hub.cli.restore import restore_hub
from approvals_hub.config import Settings
from approvals_hub.db.folder import DataFolderLock, FolderRefused


@pytest.fixture
def copy(settings: Settings, tmp_path: Path) -> Path:
    """A copy as anybody may have made one: the file of a hub that does not run, signing keys and all."""
    shutil.copyfile(settings.data / "hub.db", tmp_path / "copy.db")
    return tmp_path / "copy.db"


async def state(settings: Settings) -> tuple[str, set[str]]:
    async with locked(settings), opened(settings) as hub:
        keys = [key for purpose in ("token", "log") for key in hub.ring.all(purpose)]
        return hub.epoch.epoch_id, {key.kid for key in keys if key.may_sign(hub.clock.now())}


async def test_a_restored_copy_begins_a_new_epoch_and_signs_with_new_keys(settings: Settings, copy: Path) -> None:
    epoch, keys = await state(settings)
    done = await restore_hub(settings, copy)
    new_epoch, new_keys = await state(settings)
    assert done["epoch"] == new_epoch != epoch
    assert len(new_keys) == 2
    assert not new_keys & keys


async def test_a_database_declared_restored_does_the_same(settings: Settings) -> None:
    epoch, keys = await state(settings)
    await restore_hub(settings, None)
    new_epoch, new_keys = await state(settings)
    assert new_epoch != epoch
    assert not new_keys & keys


def test_what_was_signed_after_the_copy_is_counted_as_lost_and_its_checkpoint_kept(
    settings: Settings, copy: Path
) -> None:
    org_id = call(settings, "agents.api_key", {"name": "made after the copy"})["org_id"]
    assert asyncio.run(restore_hub(settings, copy))["lost"] == {org_id: 1}
    assert list(settings.audit.checkpoints.glob(f"{org_id}.checkpoint.epo-*"))


async def test_nothing_of_the_restore_is_left_beside_the_database(settings: Settings, copy: Path) -> None:
    done = await restore_hub(settings, copy)
    names = {path.name for path in settings.data.iterdir() if path.name.startswith("hub.db")}
    assert names == {"hub.db", Path(done["kept"]).name}


async def test_the_database_of_before_is_kept_whole(settings: Settings, copy: Path) -> None:
    with closing(sqlite3.connect(settings.data / "hub.db")) as database, database:
        database.execute("UPDATE people SET name = 'Changed after the copy'")
    done = await restore_hub(settings, copy)
    with closing(sqlite3.connect(done["kept"])) as kept, closing(sqlite3.connect(settings.data / "hub.db")) as now:
        assert kept.execute("SELECT name FROM people").fetchall() == [("Changed after the copy",)]
        assert now.execute("SELECT name FROM people").fetchall() == [("Owner",)]


async def test_a_broken_database_can_be_replaced(settings: Settings, copy: Path) -> None:
    (settings.data / "hub.db").write_bytes(b"broken" * 1000)
    (settings.data / "hub.db-wal").write_bytes(b"a log of something else")
    await restore_hub(settings, copy)
    await state(settings)


async def test_a_hub_that_serves_is_not_restored_under_its_feet(settings: Settings, copy: Path) -> None:
    before = (settings.data / "hub.db").read_bytes()
    with DataFolderLock(settings.data), pytest.raises(FolderRefused):
        await restore_hub(settings, copy)
    assert (settings.data / "hub.db").read_bytes() == before


async def test_a_file_of_another_program_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.db")) as notes:
        notes.execute("CREATE TABLE notes (text TEXT)")
    before = (settings.data / "hub.db").read_bytes()
    with pytest.raises(Failed, match="no sound copy"):
        await restore_hub(settings, tmp_path / "notes.db")
    assert (settings.data / "hub.db").read_bytes() == before


def test_everybody_is_signed_out(settings: Settings, copy: Path) -> None:
    columns = "id, token_hash, org_id, person_id, scope, acr, amr, authenticated_at, created_at, last_seen_at"
    values = "'ses_1', x'00', 'org_1', 'per_1', 'full', 'LOW', '', 1, 1, 1"
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute(f"INSERT INTO sessions ({columns}, expires_at) VALUES ({values}, 9000000000000)")
    asyncio.run(restore_hub(settings, copy))
    with closing(sqlite3.connect(settings.data / "hub.db")) as database:
        assert database.execute("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").fetchone() == (0,)
    assert call(settings, "people.list", {})["items"]
