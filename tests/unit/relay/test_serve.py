"""A relay starts, keeps what it has, and stops without losing a wake."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.core.sealing import KeyFileError, SealBroken, create_key_file
from approvals_hub.db.folder import FolderRefused
from approvals_hub.relay.serve import DATABASE, KEYS, opened
from tests.unit.relay.relay_house import FID, RelayHouse, relay_house, said


async def test_handles_are_there_after_a_new_start(tmp_path: Path) -> None:
    async with relay_house(tmp_path) as house:
        app = await house.app()
    async with relay_house(tmp_path) as house:
        await house.wake(app.handle)
        assert [each.to for each in house.google.arrived] == [FID]


async def test_the_folder_is_its_owners_alone_and_one_process_has_it(house: RelayHouse) -> None:
    data = house.settings.data
    assert [path.stat().st_mode & 0o077 for path in (data, data / KEYS, data / DATABASE)] == [0, 0, 0]
    with pytest.raises(FolderRefused):
        async with opened(house.settings):
            pass


async def test_a_database_without_its_key_file_is_not_served_with_a_new_one(tmp_path: Path) -> None:
    async with relay_house(tmp_path) as house:
        (house.settings.data / KEYS).rename(tmp_path / "away")
    with pytest.raises(Invalid) as refused:
        async with opened(house.settings):
            pass
    assert refused.value.code == "key_file_missing"
    (house.settings.data / KEYS).write_text("kek_1 none")
    (house.settings.data / KEYS).chmod(0o644)
    with pytest.raises(KeyFileError):
        async with opened(house.settings):
            pass


async def test_a_relay_with_the_key_file_of_another_one_does_not_start(tmp_path: Path) -> None:
    async with relay_house(tmp_path) as house:
        await house.app()
    (house.settings.data / KEYS).unlink()
    create_key_file(house.settings.data / KEYS)
    with pytest.raises(SealBroken):
        async with opened(house.settings):
            pass


async def test_a_wake_that_is_under_way_is_sent_and_answered_before_the_relay_stops(tmp_path: Path) -> None:
    async with relay_house(tmp_path, listens=True) as house:
        app = await house.app()
        house.google.slow.add(FID)
        hub = asyncio.create_task(house.ask("POST", "/v1/wakes", said(), carrying=app.handle))
        async with asyncio.timeout(20):
            await house.google.waiting.acquire()
        asyncio.get_running_loop().call_soon(house.google.go.set)
    assert (await hub)[0] == 200
    assert len(house.google.arrived) == 1
    with pytest.raises(aiohttp.ClientConnectionError):
        await house.ask("GET", "/healthz/live")
