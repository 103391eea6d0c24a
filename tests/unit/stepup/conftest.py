"""A hub's front door, and people who lost their keys, on each engine."""

from __future__ import annotations

import pytest

from approvals_hub.db.database import Database
from tests.fakes.front_door import FrontDoor
from tests.fakes.lost_keys import Lost, lost_phone
from tests.unit.hub_fixture import StaffedHub


@pytest.fixture
def door(database: Database) -> FrontDoor:
    """Everything that lets people in, over a fresh database."""
    return FrontDoor(database)


@pytest.fixture
async def lost(house: StaffedHub) -> Lost:
    """An organisation in which Ada loses her phone."""
    return await lost_phone(house)
