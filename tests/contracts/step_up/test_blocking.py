"""A provider that holds the event loop is found by the suite, whatever it waits with."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from identity.proof import Challenge, Factor, StepUp
from tests.contracts.step_up import stage_spoken_word
from tests.contracts.step_up.blocking import Blocked, nothing_blocks
from tests.contracts.step_up.play import begin, prove
from tests.contracts.step_up.stage import Stage
from tests.fakes.step_up_plugin.spoken_word import SpokenWord


class Waiting(SpokenWord):
    """It asks its vendor with a library that knows nothing of event loops."""

    def __init__(self, wait: Callable[[], Any], *, in_thread: bool = False) -> None:
        super().__init__(stage_spoken_word.LISTED, 32)
        self._wait = wait
        self._in_thread = in_thread

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        if self._in_thread:
            await asyncio.to_thread(self._wait)
        else:
            self._wait()
        return await super().begin(factor, step_up)


def connect() -> None:
    """A socket that waits for its connection, to whoever listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.settimeout(1)
        client.connect(server.getsockname())


def read() -> None:
    """A socket that waits for bytes."""
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        one.send(b"x")
        other.recv(1)


@pytest.fixture
async def stage() -> AsyncIterator[Any]:
    async with stage_spoken_word.stage() as found:
        yield found


WAITS: dict[str, Callable[[], Any]] = {
    "sleeps": lambda: time.sleep(0.001),
    "connects": connect,
    "reads": read,
    "looks a name up": lambda: socket.getaddrinfo("localhost", 80),
    "starts a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
async def test_a_slow_vendor_that_is_waited_for_on_the_event_loop_is_found(stage: Any, wait: Callable[[], Any]) -> None:
    stage.provider = Waiting(wait)
    with pytest.raises(Blocked, match=r"asyncio\.to_thread"):
        await begin(stage, stage.step_up())


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
async def test_the_same_on_a_thread_of_its_own_holds_up_nobody(stage: Any, wait: Callable[[], Any]) -> None:
    stage.provider = Waiting(wait, in_thread=True)
    found: Stage = stage
    assert (await prove(found, found.step_up())).method == "spoken_word"


async def test_other_threads_may_wait_meanwhile() -> None:
    done = threading.Event()

    def wait() -> None:
        time.sleep(0.001)
        done.set()

    with nothing_blocks():
        await asyncio.to_thread(wait)
    assert done.is_set()
    time.sleep(0)  # and so may this one afterwards
