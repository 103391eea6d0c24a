"""A served hub with an owner, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.world import World, serve, set_up


def url_of(place: Path | str) -> str:
    """A fresh database's place as the settings write it."""
    return f"sqlite:{place}" if isinstance(place, Path) else place


@pytest.fixture
async def world(database_place: Path | str, tmp_path: Path) -> AsyncIterator[World]:
    """A running hub with an owner whose phone is signed in; the test runs once on each engine."""
    async with serve(tmp_path, url_of(database_place)) as world:
        yield await set_up(world)


@pytest.fixture
async def sqlite_world(sqlite_path: Path, tmp_path: Path) -> AsyncIterator[World]:
    """The same, on SQLite alone."""
    async with serve(tmp_path, url_of(sqlite_path)) as world:
        yield await set_up(world)
