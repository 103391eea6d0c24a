"""The hub against the reference model: whatever people, agents and time do, both say the same, on both engines."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.life import Life
from tests.flows.town import Town
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.soak

LONG = os.environ.get("SOAK") == "1"
LIVES, STEPS = (500, 60) if LONG else (50, 40)


def live(place: Path | str, folder: Path) -> None:
    """Many lives in one town."""
    town = Town(place, folder)
    try:
        run_state_machine_as_test(
            lambda: Life(town),
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=not LONG,
                database=None,
                phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
    finally:
        town.close()


def test_the_hub_does_what_the_model_does_on_sqlite(sqlite_path: Path, tmp_path: Path) -> None:
    live(sqlite_path, tmp_path)


def test_the_hub_does_what_the_model_does_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    live(asyncio.run(postgres_server.create()), tmp_path)
