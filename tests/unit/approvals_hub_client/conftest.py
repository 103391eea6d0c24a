"""A real hub that listens, and an agent that is enrolled there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from approvals_hub_client import AsyncHub, Credential
from tests.fakes.line import Line
from tests.unit.desk import Desk, served_desk


@pytest.fixture
async def desk(sqlite_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A served hub with one agent and one person; its folder is not the test's own."""
    async with served_desk(sqlite_path, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def line(desk: Desk) -> Line:
    """What lies between the agent and the hub."""
    return desk.line


@pytest.fixture
def credential(desk: Desk) -> Credential:
    """The agent's."""
    return desk.credential


@pytest.fixture
async def hub(credential: Credential) -> AsyncIterator[AsyncHub]:
    """The agent's client."""
    async with AsyncHub(credential) as client:
        yield client
