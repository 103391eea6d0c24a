"""A hub's front door on each engine."""

from __future__ import annotations

import pytest

from approvals_hub.db.database import Database
from tests.fakes.front_door import FrontDoor


@pytest.fixture
def door(database: Database) -> FrontDoor:
    """Everything that lets people in, over a fresh database."""
    return FrontDoor(database)
