"""The same client for code without asyncio: every call runs on one private event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar

from approvals_hub_client import discovery, registration
from approvals_hub_client.client import AsyncHub
from approvals_hub_client.credential import Credential
from approvals_hub_client.discovery import FoundHub
from approvals_hub_client.question import Approved

P = ParamSpec("P")
T = TypeVar("T")

_farewell = 10.0  # seconds in which an interrupted call may still withdraw its question


def _blocking(
    method: Callable[Concatenate[AsyncHub, P], Awaitable[T]],
) -> Callable[Concatenate[Hub, P], T]:
    @wraps(method)
    def call(self: Hub, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async def run() -> T:
            return await method(self.hub, *args, **kwargs)

        return self.run(run())

    return call


class Hub:
    """One agent at one hub, blocking. Ctrl-C while waiting withdraws the question. Not to be used after a fork."""

    def __init__(self, credential: Credential, **options: Any) -> None:
        """Takes what `AsyncHub` takes."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="approvals-hub-client", daemon=True)
        self._thread.start()
        self.hub = AsyncHub(credential, **options)
        """The asynchronous client; it belongs to the private loop."""

    @classmethod
    def from_file(cls, path: Path | str, **options: Any) -> Hub:
        """The agent of a credential file. Raises BadCredential."""
        return cls(Credential.load(path), **options)

    approval = _blocking(AsyncHub.approval)
    authorize = _blocking(AsyncHub.authorize)
    spend = _blocking(AsyncHub.spend)
    ask = _blocking(AsyncHub.ask)
    wait = _blocking(AsyncHub.wait)
    poll = _blocking(AsyncHub.poll)
    question = _blocking(AsyncHub.question)
    withdraw = _blocking(AsyncHub.withdraw)
    revise = _blocking(AsyncHub.revise)
    extend = _blocking(AsyncHub.extend)
    redeem = _blocking(AsyncHub.redeem)
    report = _blocking(AsyncHub.report)
    bundle = _blocking(AsyncHub.bundle)
    public_keys = _blocking(AsyncHub.public_keys)
    signals = _blocking(AsyncHub.signals)
    set_signal = _blocking(AsyncHub.set_signal)
    clear_signal = _blocking(AsyncHub.clear_signal)

    def hand_over(self, approved: Approved, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """What an executor elsewhere needs to redeem, good for a minute; it goes nowhere else."""
        return self.hub.hand_over(approved, idempotency_key=idempotency_key)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run any coroutine of the asynchronous client on the private loop and wait for it."""
        started, ended = threading.Event(), threading.Event()

        async def watched() -> T:
            started.set()
            try:
                return await coroutine
            finally:
                ended.set()

        future = asyncio.run_coroutine_threadsafe(watched(), self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            if started.is_set():
                ended.wait(_farewell)
            raise

    def close(self) -> None:
        """Close the connections and end the thread. Open questions stay open."""
        if self._loop.is_closed():
            return
        self.run(self.hub.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Hub:
        """Nothing is opened before the first call."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections and end the thread."""
        self.close()


def find_hub_now(address: str, **options: Any) -> FoundHub:
    """`discovery.find_hub` for code without asyncio."""
    return asyncio.run(discovery.find_hub(address, **options))


def register_now(hub: str, invite: str, path: Path | str, **options: Any) -> Credential:
    """`registration.register` for code without asyncio."""
    return asyncio.run(registration.register(hub, invite, path, **options))
