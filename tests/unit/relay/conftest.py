"""A relay whose files are open, and one that listens too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.relay.relay_house import RelayHouse, relay_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RelayHouse]:
    async with relay_house(tmp_path) as found:
        yield found


@pytest.fixture
async def listening(tmp_path: Path) -> AsyncIterator[RelayHouse]:
    async with relay_house(tmp_path, listens=True) as found:
        yield found
