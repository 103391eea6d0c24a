"""Nothing runs without a redeemed token: a decorator and context managers that ask, wait, redeem, run and report."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, Unpack, cast

from approvals_hub_client.asking import Asking
from approvals_hub_client.canonical import dumps, loads
from approvals_hub_client.client import AsyncHub
from approvals_hub_client.errors import Changed, ClientError
from approvals_hub_client.executor import Redemption, Status
from approvals_hub_client.sync import Hub

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("approvals_hub_client")


@asynccontextmanager
async def acting(
    hub: AsyncHub,
    action_type: str,
    payload: Mapping[str, Any],
    *,
    within: float | None = None,
    **asking: Unpack[Asking],
) -> AsyncIterator[Redemption]:
    """The body of the `async with` runs only when somebody approved and the token was redeemed; then it is reported.

    An exception in the body is reported as failed, or as unknown where it does not tell (time-outs, lost
    connections, cancellation), and goes on. Raises whatever `AsyncHub.approval` and `redeem` raise.
    """
    approved = await hub.approval(action_type, payload, within=within, **asking)
    try:
        redemption = await hub.redeem(approved)
    except BaseException:
        await _void(hub, approved.question.escalation_id)
        raise
    try:
        yield redemption
    except BaseException as error:
        await _report(hub, redemption, _status_of(error), type(error).__name__)
        raise
    await _report(hub, redemption, "done", None)


@contextmanager
def acting_now(
    hub: Hub,
    action_type: str,
    payload: Mapping[str, Any],
    *,
    within: float | None = None,
    **asking: Unpack[Asking],
) -> Iterator[Redemption]:
    """`acting` for code without asyncio."""
    inner = acting(hub.hub, action_type, payload, within=within, **asking)
    redemption = hub.run(inner.__aenter__())
    try:
        yield redemption
    except BaseException as error:
        hub.run(_leave(inner, error))
        raise
    hub.run(_leave(inner, None))


def guard(
    hub: AsyncHub | Hub,
    action_type: str,
    payload: Callable[..., Mapping[str, Any]] | None = None,
    *,
    within: float | None = None,
    **asking: Unpack[Asking],
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Every call of the decorated function asks first, about its own arguments by name or what `payload` makes of them.

    With an `AsyncHub` the function is a coroutine function, with a `Hub` an ordinary one. Arguments that people were
    not shown the value of (objects) have no canonical form and are refused with CanonicalError: give `payload`.
    Raises Changed when the arguments were altered while people were asked, and whatever `acting` raises.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        if inspect.iscoroutinefunction(function) != isinstance(hub, AsyncHub):
            raise TypeError("AsyncHub guards coroutine functions, Hub guards ordinary ones")
        signature = inspect.signature(function)

        def shown(*args: Any, **kwargs: Any) -> bytes:
            if payload is not None:
                return dumps(dict(payload(*args, **kwargs)))
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return dumps(dict(bound.arguments))

        def require_same(before: bytes, *args: Any, **kwargs: Any) -> None:
            if shown(*args, **kwargs) != before:
                raise Changed("the arguments changed while people were asked; nothing was done")

        if isinstance(hub, AsyncHub):

            @wraps(function)
            async def ask_first(*args: P.args, **kwargs: P.kwargs) -> Any:
                before = shown(*args, **kwargs)
                async with acting(hub, action_type, loads(before), within=within, **asking):
                    require_same(before, *args, **kwargs)
                    return await cast(Any, function)(*args, **kwargs)

            return cast(Callable[P, T], ask_first)

        @wraps(function)
        def ask_first_now(*args: P.args, **kwargs: P.kwargs) -> T:
            before = shown(*args, **kwargs)
            with acting_now(hub, action_type, loads(before), within=within, **asking):
                require_same(before, *args, **kwargs)
                return function(*args, **kwargs)

        return ask_first_now

    return decorate


def _status_of(error: BaseException) -> Status:
    """Whether the exception says that nothing was done; a lost answer or a cut-off body does not."""
    telling = isinstance(error, Exception) and not isinstance(error, TimeoutError | OSError | asyncio.CancelledError)
    return "failed" if telling else "unknown"


async def _report(hub: AsyncHub, redemption: Redemption, status: Status, detail: str | None) -> None:
    """The action is done or not, whatever becomes of the report: a lost one is logged, never raised."""
    try:
        await hub.report(redemption, status, detail)
    except ClientError as error:
        _log.warning("the report on %s (%s) did not arrive: %s", redemption.jti, status, error)


async def _void(hub: AsyncHub, escalation_id: str) -> None:
    try:
        await hub.transport.call("DELETE", f"/v1/escalations/{escalation_id}", within=5.0)
    except ClientError as error:
        _log.warning("the unused approval of %s was not taken back: %s", escalation_id, error)


async def _leave(inner: AbstractAsyncContextManager[Redemption], error: BaseException | None) -> None:
    await inner.__aexit__(type(error) if error else None, error, error.__traceback__ if error else None)
