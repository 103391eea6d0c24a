"""A hub with a pager on it, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.hub_fixture import StaffedHub
from tests.unit.reach_house import Pager, paged_hub


@pytest.fixture
async def paged(
    database_place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[StaffedHub, Pager]]:
    async with paged_hub(database_place, tmp_path, monkeypatch) as found:
        yield found
