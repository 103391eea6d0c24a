"""A command in a process of its own that was forked (`tests/flows/mother.py`), as `subprocess` shows one."""

from __future__ import annotations

import atexit
import json
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import IO, TextIO

from tests.flows.mother import MOST_BYTES, number_of

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
"""Of the environment: all that commands get of this process' own."""
_AT_START = re.compile("PYTHON|LANG|LC_|LD_|SSL_CERT|OPENSSL|MALLOC|GLIBC")
"""How names begin that are read when a process starts, or when it loads something."""


def kept() -> dict[str, str]:
    """The part of this process' environment that commands get."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def starts_alike(env: Mapping[str, str]) -> bool:
    """Whether a process that starts with this environment becomes what the one that forks is."""
    return _read_at_start(env) == _read_at_start(_mother().env)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if _AT_START.match(name)}


class Forked:
    """A command that goes on. `stdout` and `stderr` are what it writes, as text, unless it writes `into` a file.

    It reads nothing, or the file `reads`; at a `terminal` it reads and writes there, and is the first of its session.
    Its environment must be one that `starts_alike`.
    """

    def __init__(
        self,
        words: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        *,
        reads: IO[bytes] | None = None,
        into: tuple[IO[bytes], IO[bytes]] | None = None,
        terminal: IO[bytes] | None = None,
    ) -> None:
        self.args = tuple(words)
        self.returncode: int | None = None
        self.stdout: TextIO | None = None
        self.stderr: TextIO | None = None
        self._asking = threading.Lock()
        self._readers: list[_Reader] = []
        limits = {number: resource.getrlimit(number) for number in _limits()}
        order = {
            "words": self.args,
            "env": dict(env),
            "folder": str(folder),
            "limits": list(limits.items()),
            "terminal": terminal is not None,
        }
        self._told, tells = os.pipe()
        weakref.finalize(self, os.close, self._told)
        with ExitStack() as given:
            given.callback(os.close, tells)
            if terminal is not None:
                reads, into = terminal, (terminal, terminal)
            stdin = reads or given.enter_context(Path(os.devnull).open("rb"))
            if into is None:
                self.stdout, out = _pipe(given)
                self.stderr, err = _pipe(given)
            else:
                out, err = (file.fileno() for file in into)
            _mother().order(json.dumps(order).encode(), [stdin.fileno(), out, err, tells])
        self.pid = number_of(self._told)

    def poll(self) -> int | None:
        """Its status once it has ended, the negative number of a signal that ended it."""
        with self._asking:
            if self.returncode is None and _is_ready(self._told, 0):
                self.returncode = number_of(self._told)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its status when it has ended. Raises subprocess.TimeoutExpired after so many seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            _is_ready(self._told, left)
        return status

    def send_signal(self, number: int) -> None:
        """To it alone; nothing where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """With SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """With SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it writes from now on until it ends. Raises subprocess.TimeoutExpired; the next call gets all of it."""
        end = None if timeout is None else time.monotonic() + timeout
        if not self._readers:
            self._readers = [_Reader(stream) for stream in (self.stdout, self.stderr) if stream is not None]
        for reader in self._readers:
            reader.join(None if end is None else max(0.0, end - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        out, err = (reader.text for reader in self._readers)
        return out, err


def run_command(
    words: Sequence[str], text: str, env: Mapping[str, str], folder: Path, seconds: float
) -> subprocess.CompletedProcess[str]:
    """One command from beginning to end. Raises subprocess.TimeoutExpired after so many seconds; it is killed then."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(text.encode())
        given.seek(0)
        process = Forked(words, env, folder, reads=given, into=(out, err))
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(process.args, status, *texts)


class _Reader(threading.Thread):
    """Reads a pipe to its end, and closes it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(daemon=True)
        self.text = ""
        self._stream = stream
        self.start()

    def run(self) -> None:
        with self._stream:
            self.text = self._stream.read()


def _pipe(given: ExitStack) -> tuple[TextIO, int]:
    """Where one reads, and the handle to write to, which is closed with the stack."""
    reads, writes = os.pipe()
    given.callback(os.close, writes)
    return os.fdopen(reads), writes


def _is_ready(handle: int, seconds: float | None) -> bool:
    # `select` does not take the handles of a process that has thousands of sockets.
    waits = select.poll()
    waits.register(handle, select.POLLIN)
    return bool(waits.poll(None if seconds is None else max(0.0, seconds) * 1000))


@cache
def _limits() -> tuple[int, ...]:
    return tuple(sorted(getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")))


class _Mother:
    """The process that forks, as the one that orders sees it."""

    def __init__(self) -> None:
        self.env = kept()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line = [sys.executable, "-m", "tests.flows.mother"]
        with theirs:
            self._process = subprocess.Popen(line, stdin=theirs, cwd=ROOT, env=self.env)
        self._one_by_one = threading.Lock()
        atexit.register(self._end)

    def order(self, order: bytes, handles: list[int]) -> None:
        assert len(order) < MOST_BYTES
        with self._one_by_one:
            socket.send_fds(self._orders, [order], handles)

    def _end(self) -> None:
        self._orders.close()
        self._process.wait()


_once = threading.Lock()


def _mother() -> _Mother:
    with _once:
        return _made()


@cache
def _made() -> _Mother:
    return _Mother()
