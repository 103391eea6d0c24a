"""The suite runs on every stage."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.channels.stage import Stage
from tests.contracts.channels.stages import STAGES


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as found:
        yield found
