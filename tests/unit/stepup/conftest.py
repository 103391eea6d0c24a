"""A hub's front door, and people who lost their keys, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub.db.database import Database
from tests.fakes.front_door import FrontDoor
from tests.fakes.lost_keys import Lost, lost_phone
from tests.fakes.step_up_plugin.installed import with_entry_points
from tests.fakes.step_up_plugin.moody import Vendor, fresh_vendor
from tests.unit.hub_fixture import StaffedHub, staffed_hub


@pytest.fixture
def door(database: Database) -> FrontDoor:
    """Everything that lets people in, over a fresh database."""
    return FrontDoor(database)


@pytest.fixture
def vendor() -> Vendor:
    """The vendor behind the provider `moody`."""
    return fresh_vendor()


@pytest.fixture
async def plugged(
    database_place: Path | str, tmp_path: Path, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StaffedHub]:
    """A hub with an owner and an agent, and the provider `moody` from an installed package; on each engine."""
    packages = tmp_path / "packages"
    packages.mkdir()
    with_entry_points(packages, "moody", {"moody": "tests.fakes.step_up_plugin.moody:make"})
    monkeypatch.syspath_prepend(packages)
    async with staffed_hub(database_place, tmp_path, {"moody": {}}) as house:
        yield house
        vendor.shut.set()
        await house.hub.collect_step_ups.stop()


@pytest.fixture
async def lost(house: StaffedHub) -> Lost:
    """An organisation in which Ada loses her phone."""
    return await lost_phone(house)
