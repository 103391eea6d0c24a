"""What the hub does with a provider: begin, keep the state as JSON, take answers, collect until it is over.

Every call ends within `LIMIT` and holds the event loop meanwhile by nothing that waits, or the test fails.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from identity.errors import NotProven
from identity.proof import Challenge, Pending, Proof, State, StepUp
from tests.contracts.step_up.blocking import nothing_blocks
from tests.contracts.step_up.stage import Secretive, Stage

LIMIT = 20.0
"""Seconds, on a busy machine; providers on a stage are made with a far shorter time limit than this."""
MOST_COLLECTS = 200
T = TypeVar("T")


async def begin(stage: Stage, step_up: StepUp) -> Challenge:
    async with _in_time():
        return await stage.provider.begin(stage.factor, step_up)


async def complete(stage: Stage, step_up: StepUp, state: State, answer: Any) -> Proof | Pending:
    async with _in_time():
        return await stage.provider.complete(stage.factor, step_up, stored(state), answer, now=stage.now)


async def collect(stage: Stage, step_up: StepUp, state: State) -> Proof | Pending:
    async with _in_time():
        return await stage.provider.collect(stage.factor, step_up, stored(state), now=stage.now)


async def cancel(stage: Stage, challenge: Challenge) -> None:
    async with _in_time():
        await stage.provider.cancel(stored(challenge.state))


async def finish(stage: Stage, step_up: StepUp, state: State, answer: Any) -> Proof:
    """Complete with the answer, or collect where there is none; the clock goes on between two collects."""
    result = await (collect(stage, step_up, state) if answer is None else complete(stage, step_up, state, answer))
    for _ in range(MOST_COLLECTS):
        if isinstance(result, Proof):
            return result
        assert result.collect_every is not None, "it is pending and nothing will complete it"
        stage.now += int(result.collect_every * 1000)
        result = await collect(stage, step_up, result.state)
    raise AssertionError("it is pending for ever")


async def prove(stage: Stage, step_up: StepUp) -> Proof:
    """The right person proves themselves, from the beginning to the end."""
    challenge = await begin(stage, step_up)
    return await finish(stage, step_up, challenge.state, await stage.person_proves(challenge))


async def tried(call: Awaitable[T]) -> T | NotProven:
    """What a call gave, or why nobody was proven. Any other error is a breach of the contract and fails the test."""
    try:
        return await call
    except NotProven as error:
        return error


def stored(state: State) -> State:
    """The state as the hub gets it back from its database."""
    found: State = json.loads(json.dumps(state))
    return found


def secrets(stage: Stage) -> list[str]:
    """What may never be seen outside: as the stage says, else everything that is kept of the person."""
    return stage.secrets() if isinstance(stage, Secretive) else texts_in(stage.factor.data)


def texts_of(error: BaseException) -> str:
    """Everything that a log would hold of an error and of those that it came from."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    own = f"{error} {error.args} {getattr(error, 'hint', '')}"
    return own if before is None else f"{own}\n{texts_of(before)}"


def texts_in(value: Any) -> list[str]:
    """Every text of six characters or more inside a JSON value."""
    if isinstance(value, str):
        return [value] if len(value) >= 6 else []
    inner = value.values() if hasattr(value, "values") else value if isinstance(value, list | tuple) else ()
    return [text for member in inner for text in texts_in(member)]


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    async with asyncio.timeout(LIMIT):
        with nothing_blocks():
            yield
