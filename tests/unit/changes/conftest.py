"""People who lost their keys, on each engine."""

from __future__ import annotations

import pytest

from tests.fakes.lost_keys import Lost, lost_phone
from tests.unit.hub_fixture import StaffedHub


@pytest.fixture
async def lost(house: StaffedHub) -> Lost:
    """An organisation in which Ada loses her phone."""
    return await lost_phone(house)
