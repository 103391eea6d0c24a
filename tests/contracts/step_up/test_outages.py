"""What every provider with a vendor owes while that vendor is down, silent, or answers in another protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from identity.errors import NotProven, ProviderDown
from tests.contracts.started import started
from tests.contracts.step_up.play import begin, cancel, finish, prove, tried
from tests.contracts.step_up.stage import Stage
from tests.contracts.step_up.stages import SENDERS, STAGES, WITHOUT_VENDOR

Outage = Callable[[Stage], AbstractAsyncContextManager[None]]
OUTAGES: dict[str, Outage] = {
    "down": lambda stage: stage.vendor_is_down(),
    "silent": lambda stage: stage.vendor_is_silent(),
    "garbling": lambda stage: stage.vendor_garbles(),
}


FAILING = {**{name: stage for name, stage in STAGES.items() if name not in WITHOUT_VENDOR}, **SENDERS}


@pytest.fixture(params=FAILING)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with FAILING[request.param]() as found:
        yield found


@pytest.fixture(params=OUTAGES)
def outage(request: pytest.FixtureRequest) -> Outage:
    return OUTAGES[request.param]


async def told(call: Awaitable[Any]) -> ProviderDown | None:
    """The outage as the provider tells it, or None where it did not need its vendor."""
    result = await tried(call)
    assert isinstance(result, ProviderDown) or not isinstance(result, NotProven)
    return result if isinstance(result, ProviderDown) else None


@pytest.mark.parametrize("name", STAGES)
async def test_a_stage_has_a_vendor_unless_it_is_listed_without(name: str) -> None:
    async with STAGES[name]() as found:
        assert found.has_vendor == (name not in WITHOUT_VENDOR)


async def test_an_outage_is_told_with_a_time_to_try_again(stage: Stage, outage: Outage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_proves(challenge)
    async with outage(stage):
        told_by = [
            await told(begin(stage, stage.step_up())),
            await told(finish(stage, step_up, challenge.state, answer)),
        ]
    errors = [error for error in told_by if error is not None]
    assert errors
    assert all(0 < error.retry_after < 3600 and not error.final for error in errors)


async def test_what_could_not_begin_begins_after_the_outage(stage: Stage, outage: Outage) -> None:
    step_up = stage.step_up()
    async with outage(stage):
        await told(begin(stage, step_up))
    assert (await prove(stage, step_up)).method == stage.provider.name


async def test_an_outage_in_between_loses_nothing(stage: Stage, outage: Outage) -> None:
    step_up = stage.step_up()
    challenge = await begin(stage, step_up)
    answer = await stage.person_proves(challenge)
    async with outage(stage):
        await told(finish(stage, step_up, challenge.state, answer))
    assert (await finish(stage, step_up, challenge.state, answer)).method == stage.provider.name


async def test_cancelling_during_an_outage_raises_nothing_and_takes_no_longer(stage: Stage, outage: Outage) -> None:
    challenge = await begin(stage, stage.step_up())
    async with outage(stage):
        await cancel(stage, challenge)


async def test_a_call_that_is_given_up_half_way_leaves_nothing_running(stage: Stage) -> None:
    async with stage.vendor_is_silent():
        with started(begin(stage, stage.step_up())) as tasks:
            call = tasks[0]
            await asyncio.wait([call], timeout=0.05)
            call.cancel()
            await asyncio.wait([call])
            assert [task for task in tasks if not task.done()] == []
    assert (await prove(stage, stage.step_up())).method == stage.provider.name
