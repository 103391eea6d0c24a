"""Names that nobody answers for hold up nothing but themselves."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from approvals_hub.cli.loop import HubLoop

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]


class Names:
    """A name server: whatever begins with `hangs` waits until the end of the test."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.end = threading.Event()

    def __call__(self, host: str, *_: Any) -> list[Any]:
        self.asked.append(host)
        if host.startswith("hangs"):
            self.end.wait()
        if host == "nobody":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return FOUND


@pytest.fixture
def names() -> Iterator[Names]:
    found = Names()
    yield found
    found.end.set()


def run(names: Names, work: Callable[[HubLoop], Awaitable[None]], most: int = 64) -> None:
    """The work on a loop of its own, which ends though names hang."""

    async def timed(loop: HubLoop) -> None:
        async with asyncio.timeout(10):
            await work(loop)

    loop = HubLoop(names, most)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(timed(loop))


def test_names_that_hang_leave_the_threads_of_other_work_and_other_names_alone(names: Names) -> None:
    async def work(loop: HubLoop) -> None:
        hanging = [asyncio.create_task(loop.getaddrinfo(f"hangs-{n}", 443)) for n in range(40)]
        await asyncio.sleep(0)
        assert await asyncio.to_thread(lambda: "sealed") == "sealed"
        assert await loop.getaddrinfo("works", 443) == FOUND
        assert not any(task.done() for task in hanging)

    run(names, work)


def test_one_name_is_looked_up_once_however_many_ask_and_whoever_gives_up(names: Names) -> None:
    async def work(loop: HubLoop) -> None:
        first, second = (asyncio.create_task(loop.getaddrinfo("hangs", 443)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        names.end.set()
        assert await second == FOUND
        assert names.asked == ["hangs"]

    run(names, work)


def test_beyond_the_limit_a_further_name_is_refused_at_once_and_to_be_tried_again(names: Names) -> None:
    async def work(loop: HubLoop) -> None:
        hanging = [asyncio.create_task(loop.getaddrinfo(f"hangs-{n}", 443)) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(socket.gaierror) as refused:
            await loop.getaddrinfo("works", 443)
        assert refused.value.errno == socket.EAI_AGAIN
        names.end.set()
        await asyncio.gather(*hanging)
        assert await loop.getaddrinfo("works", 443) == FOUND

    run(names, work, most=2)


def test_a_name_that_nobody_has_is_the_error_it_always_was(names: Names) -> None:
    async def work(loop: HubLoop) -> None:
        with pytest.raises(socket.gaierror) as refused:
            await loop.getaddrinfo("nobody", 443)
        assert refused.value.errno == socket.EAI_NONAME

    run(names, work)
