"""A served hub with an owner, on each engine; and folders on which commands are called."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flows.commands import Commands
from tests.flows.world import World, serve, set_up

pytest.register_assert_rewrite("tests.flows.life", "tests.flows.several")


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


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Commands on a folder that is not there yet."""
    return Commands(tmp_path / "data")


@pytest.fixture(scope="session")
def made_hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `init` made and nobody changes; tests copy it."""
    commands = Commands(tmp_path_factory.mktemp("made") / "data")
    assert commands.run("init").status == 0
    return commands.data


@pytest.fixture
def hub(made_hub: Path, tmp_path: Path) -> Commands:
    """Commands on a new hub's folder."""
    shutil.copytree(made_hub, tmp_path / "data")
    return Commands(tmp_path / "data")
