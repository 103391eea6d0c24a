"""Calls a provider: a stranger's code, which may take its time, say anything, raise anything, or never end."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from approvals_hub.core.log import logger
from approvals_hub.stepup.said import NotSaid, checked, checked_refusal, is_json, is_text
from identity.errors import Malformed, NotProven, ProviderDown
from identity.proof import Challenge, Pending, Proof, State, StepUp
from identity.provider import TIME_LIMIT, Foretelling, Moving

log = logger("stepup")

T = TypeVar("T")

SPARE_SECONDS: Final = 2.0
"""How much longer than its own limit a provider is waited for."""
BEGUN: Final = (Challenge,)
TOLD: Final = (Proof, Pending)
"""What a provider may say to a call of `begin`, and to one of `complete` or `collect`."""
_given_up: set[asyncio.Task[Any]] = set()
"""Calls that were told to end and have not yet."""


async def ask(
    method: str,
    call: Callable[[], Awaitable[T]],
    *,
    kinds: tuple[type, ...] = (*BEGUN, *TOLD, type(None)),
    seconds: float = TIME_LIMIT + SPARE_SECONDS,
    question: str | None = None,
) -> T | NotProven:
    """Call a provider; whatever goes wrong with it comes back as its tree's error, within its time.

    `kinds`: what it may say. Anything else, or anything that cannot be kept, is its failure: the person may try
    again, and the operator finds it in the log, without a word of what it said, by the id of the `question` that
    somebody was answering.
    """
    task = asyncio.create_task(_called(call), name=f"step-up:{method}")
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            # Not waited for: one that does not end when it is told to would hold whoever asked.
            task.cancel()
            _given_up.add(task)
            task.add_done_callback(_ended)
    if not task.done():
        return ProviderDown("the provider took too long")
    return _judged(method, task, kinds, {} if question is None else {"escalation_id": question})


def shown_now(method: str, provider: Moving, step_up: StepUp, state: State, now: int) -> dict[str, Any] | None:
    """What the browser may see at this moment; None where the provider fails at that."""
    try:
        shown = dict(provider.show(step_up, state, now=now))
    except Exception as error:
        log.error("step_up_provider_failed", method=method, why=type(error).__name__, at=_place(error))
        return None
    return shown if is_json(shown) else None


def subject_of(method: str, provider: Foretelling, written: str, now: int) -> str | NotProven:
    """The provider's name for the person of a number that somebody wrote, or why there is none."""
    try:
        subject = provider.subject_of(written, now=now)
    except Malformed as error:
        return error
    except Exception as error:
        log.error("step_up_provider_failed", method=method, why=type(error).__name__, at=_place(error))
        return ProviderDown("the provider failed")
    if is_text(subject):
        return subject
    log.error("step_up_provider_failed", method=method, why="a subject that cannot be kept")
    return ProviderDown("the provider failed")


def _judged(method: str, task: asyncio.Task[T], kinds: tuple[type, ...], about: dict[str, str]) -> T | NotProven:
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    try:
        if isinstance(error, NotProven):
            return checked_refusal(error)
        if error is None:
            checked(method, task.result(), kinds)
            return task.result()
    except NotSaid as fault:
        log.error("step_up_provider_failed", method=method, **about, why=str(fault))
    else:
        # The text of the error may hold anything, a person's code too.
        why = {"why": type(error).__name__, "at": _place(error)}
        log.error("step_up_provider_failed", method=method, **about, **why)
    return ProviderDown("the provider failed")


async def _called(call: Callable[[], Awaitable[T]]) -> T:
    try:
        return await call()
    except SystemExit as error:
        # In a task it would end the whole hub.
        raise RuntimeError("a provider tried to end the hub") from error


def _ended(task: asyncio.Task[Any]) -> None:
    _given_up.discard(task)
    if not task.cancelled():
        task.exception()


def _place(error: BaseException) -> str:
    """Where it was raised: a file's name and a line."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
