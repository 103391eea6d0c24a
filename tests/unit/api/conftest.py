"""A served hub on SQLite: HTTP is the same on every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.api.web_client import Web, serving
from tests.unit.hub_fixture import StaffedHub, staffed_hub


@pytest.fixture
async def house(sqlite_path: Path, tmp_path: Path) -> AsyncIterator[StaffedHub]:
    """A hub with an owner and an agent."""
    async with staffed_hub(sqlite_path, tmp_path) as house:
        yield house


@pytest.fixture
async def api(house: StaffedHub) -> AsyncIterator[Web]:
    """The same, over HTTP."""
    async with serving(house) as web:
        yield web
