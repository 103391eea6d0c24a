"""Opening a hub: one process at a time, and only where everything can be right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from approvals_hub.cli.opening import check, locked, opened, place_of
from approvals_hub.config import Database, Recovery, Settings
from approvals_hub.core.clock import DAY, Clock
from approvals_hub.core.errors import Invalid
from approvals_hub.core.sealing import KeyFileError
from approvals_hub.db.folder import DataFolderLock, FolderRefused


async def test_a_hub_opens_with_its_settings(settings: Settings) -> None:
    async with locked(settings), opened(settings) as hub:
        assert hub.public_url == settings.public_url
    assert place_of(settings).database == f"sqlite:{settings.data}/hub.db"


def test_recoveries_wait_as_long_as_the_settings_say(settings: Settings) -> None:
    shorter = msgspec.structs.replace(settings, recovery=Recovery(key_wait_seconds=60, link_wait_seconds=120))
    waits = place_of(shorter).waits
    assert (waits.key, waits.link) == (60_000, 120_000)


async def test_a_folder_that_another_process_has_is_refused(settings: Settings) -> None:
    with DataFolderLock(settings.data), pytest.raises(FolderRefused, match="in use"):
        async with locked(settings):
            pass


async def test_a_folder_that_is_given_back_in_a_moment_is_waited_for(settings: Settings) -> None:
    lock = DataFolderLock(settings.data)
    lock.acquire()
    asyncio.get_running_loop().call_later(0.1, lock.release)
    async with locked(settings, patience=10):
        pass


async def test_postgres_needs_no_lock_on_a_folder(tmp_path: Path, settings: Settings) -> None:
    shared = msgspec.structs.replace(settings, data=tmp_path / "none", database=Database("postgresql://db/hub"))
    async with locked(shared), locked(shared):
        assert not shared.data.exists()


async def test_a_hub_without_its_key_file_does_not_open(settings: Settings) -> None:
    settings.key_file.unlink()
    with pytest.raises(KeyFileError):
        async with opened(settings):
            pass


async def test_a_clock_that_was_put_back_behind_the_log_is_refused(settings: Settings) -> None:
    async with opened(settings) as hub:
        await hub.sealer.seal_all()
        real = hub.clock.now()
        slow = replace(hub, clock=Clock(lambda: real - DAY))
        await check(hub)
        with pytest.raises(Invalid, match="newest recorded event"):
            await check(slow)
