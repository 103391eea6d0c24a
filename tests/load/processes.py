"""Starts and stops the servers that are measured, each in its own process."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.load.load import Actors

STARTS_WITHIN = 120.0
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_listens(port: int, process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Return when somebody accepts connections. Raises RuntimeError when the process ends before."""
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it listened")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("the server does not listen")


@contextlib.contextmanager
def bare() -> Iterator[tuple[int, int]]:
    """The bare aiohttp application: its port and process id."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.load.bare", str(port)], cwd=ROOT)
    try:
        until_it_listens(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def vendor(folder: Path) -> Iterator[dict[str, int]]:
    """The vendors that take everything: where each listens, and `closed`, where nobody does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.vendor", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the vendors ended before they listened")
        yield {**json.loads(line), "closed": free_port()}
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def hub(
    folder: Path,
    *,
    agents: int = 1,
    without_database: bool = False,
    module: str = "tests.load.hub_process",
    words: Sequence[str] = (),
) -> Iterator[tuple[Actors, int]]:
    """The hub: the actors of the load, and its process id. The same folder again is the same hub.

    Another `module` is started with `words` behind the folder and the port.
    """
    folder.mkdir(parents=True, exist_ok=True)
    more = words or (str(agents), *(["no-database"] if without_database else []))
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(folder), str(free_port()), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the hub ended before it served")
        yield Actors.read(json.dumps(json.loads(line))), process.pid
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
