"""Calling a provider: within its time, whatever it raises, and without a word of it in the log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from approvals_hub.stepup.ask import BEGUN, TOLD, ask, shown_now
from identity.errors import NotProven, ProviderDown, Refused
from identity.proof import Challenge, Pending
from tests.contracts.step_up.asked import START, step_up
from tests.fakes.step_up_plugin.moody import SECRET, Moody, fresh_vendor


def raises(error: BaseException) -> Any:
    async def call() -> Any:
        raise error

    return call


def says(value: Any) -> Any:
    async def call() -> Any:
        return value

    return call


async def test_what_a_provider_says_is_given_back() -> None:
    said = Pending({}, {})
    assert await ask("moody", says(said), kinds=TOLD) is said


async def test_a_refusal_is_given_back_and_not_raised() -> None:
    error = Refused("no")
    assert await ask("moody", raises(error)) is error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRET),
        KeyError(SECRET),
        RecursionError(SECRET),
        AssertionError(SECRET),
        TimeoutError(SECRET),
        ExceptionGroup(SECRET, [ValueError(SECRET)]),
        asyncio.CancelledError(SECRET),
        SystemExit(SECRET),
        GeneratorExit(SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_provider_raises_it_is_down_and_none_of_its_words_are_logged(error: BaseException) -> None:
    with capture_logs() as said:
        found = await ask("moody", raises(error))
    assert isinstance(found, ProviderDown)
    assert SECRET not in f"{said}{found}"
    [line] = said
    assert (line["event"], line["method"], line["log_level"]) == ("step_up_provider_failed", "moody", "error")


async def test_a_failure_is_logged_with_its_kind_and_its_place() -> None:
    with capture_logs() as said:
        await ask("moody", raises(KeyError("x")))
    assert said[0]["why"] == "KeyError"
    assert said[0]["at"].startswith("test_ask.py:")


async def test_an_answer_of_another_kind_is_a_failure() -> None:
    with capture_logs() as said:
        found = await ask("moody", says(Pending({}, {})), kinds=BEGUN)
    assert isinstance(found, ProviderDown)
    assert said[0]["why"] == "an answer of the type Pending"


async def test_a_refusal_with_a_code_that_is_none_is_a_failure() -> None:
    error = Refused("no")
    error.code = f"{SECRET}\n"
    with capture_logs() as said:
        found = await ask("moody", raises(error))
    assert isinstance(found, ProviderDown)
    assert SECRET not in str(said)


async def test_a_provider_that_hangs_is_down_when_its_time_is_over() -> None:
    never = asyncio.Event()
    found = await ask("moody", never.wait, seconds=0.01)
    assert isinstance(found, ProviderDown)


async def test_a_provider_that_ignores_being_told_to_end_holds_nobody() -> None:
    told, free = asyncio.Event(), asyncio.Event()

    async def stubborn() -> Any:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                told.set()

    assert isinstance(await ask("moody", stubborn, seconds=0.01), ProviderDown)
    await told.wait()
    free.set()


async def test_whoever_asks_and_is_cancelled_leaves_no_call_running() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def call() -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    asking = asyncio.create_task(ask("moody", call))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await ended.wait()


async def test_a_picture_is_given_back_and_one_that_fails_is_none() -> None:
    vendor = fresh_vendor()
    asked = step_up(START)
    assert shown_now("moody", Moody("moody"), asked, {}, START) == {"open": "your app"}
    for wrong in (RuntimeError(SECRET), {"a": object()}, 7):
        vendor.shown = wrong
        with capture_logs() as said:
            assert shown_now("moody", Moody("moody"), asked, {}, START) is None
        assert SECRET not in str(said)


async def test_what_may_be_said_to_a_beginning_is_a_challenge_alone() -> None:
    said = Challenge({}, {}, 1)
    assert await ask("moody", says(said), kinds=BEGUN) is said
    found = await ask("moody", says(said), kinds=TOLD)
    assert isinstance(found, NotProven)
