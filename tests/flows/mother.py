"""Commands in processes of their own that need not import the hub: they are forked from one that has.

Half a second of CPU for each of the suite's hundreds of commands went into imports. What a command reads and writes,
its arguments, environment, folder and exit status are its own; `tests/flows/commands.py` starts what goes on, a hub
above all, from nothing, as its operator does.

`python -m tests.flows.mother` is the process that forks; its standard input is the socket it takes orders from.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 1 << 17
"""Of one order."""


def run_command(words: tuple[str, ...], text: str, env: dict[str, str], folder: Path, seconds: float) -> Any:
    """One command from beginning to end. Raises subprocess.TimeoutExpired after so many seconds; it is killed then."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(text.encode())
        given.seek(0)
        told, tells = os.pipe()
        try:
            order = json.dumps({"words": words, "env": env, "folder": str(folder)}).encode()
            _mother().order(order, [given.fileno(), out.fileno(), err.fileno(), tells])
            os.close(tells)
            status = _status(told, words, seconds)
        finally:
            os.close(told)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(words, status, *texts)


def _status(told: int, words: tuple[str, ...], seconds: float) -> int:
    """The two lines that come through the pipe: the process id, and how it ended."""
    end, text = time.monotonic() + seconds, b""
    while text.count(b"\n") < 2:
        if not select.select([told], [], [], max(0.0, end - time.monotonic()))[0]:
            os.kill(int(text), signal.SIGKILL)
            raise subprocess.TimeoutExpired(words, seconds)
        more = os.read(told, 100)
        assert more, "the process that forks commands is gone"
        text += more
    return int(text.split()[1])


class _Mother:
    """The process that forks, as the one that orders sees it."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", "tests.flows.mother"], stdin=theirs, cwd=ROOT)
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


def main() -> None:
    """Take orders until nobody can give one any more."""
    from importlib import import_module

    from approvals_hub.cli.main import COMMANDS

    for module in {place.module for place in COMMANDS.values()}:
        import_module(f"approvals_hub.cli.{module}")
    for module in ("app", "db.sqlite", "db.postgres", "events.postgres", "cli.local", "cli.opening"):
        import_module(f"approvals_hub.{module}")
    orders = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    while True:
        order, handles, _, _ = socket.recv_fds(orders, MOST_BYTES, 4)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            _keep(json.loads(order), handles)
        for handle in handles:
            os.close(handle)


def _keep(order: dict[str, Any], handles: list[int]) -> None:
    """Fork the command, say its process id, wait for it, and say its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        _command(order, handles)
    tells = handles[3]
    os.write(tells, f"{pid}\n".encode())
    os.write(tells, f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())
    os._exit(0)


def _command(order: dict[str, Any], handles: list[int]) -> None:
    """Be the command."""
    from approvals_hub.cli.main import main as command

    status = 1
    try:
        for number, handle in enumerate(handles[:3]):
            os.dup2(handle, number)
        for handle in handles:
            os.close(handle)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
        tempfile.tempdir = None
        os.chdir(order["folder"])
        try:
            command(order["words"])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        # As an interpreter ends.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
