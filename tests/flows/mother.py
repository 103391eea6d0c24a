"""Commands in processes of their own that need not import the hub: they are forked from one that has.

Half a second of CPU for each of the suite's hundreds of commands and hubs went into imports. A command that is forked
has its own arguments, environment, folder, files, limits and signals, as one that is started from nothing. With its
sisters it shares the seed of hashes, which an interpreter draws when it starts, and the mask of modes.

These start from nothing, as their users start them, because the start is what they show: `make run`, the demos, the
commands of the tutorial and the how-tos and the hubs beside them, the bench's cold start, what looks at imports,
`test_serve_sets_up_a_new_hub_and_stops_at_sigterm`, and whatever gets an environment that an interpreter reads when it
starts (`tests/flows/forked.py::starts_alike`).

`python -m tests.flows.mother` is the process that forks; its standard input is the socket it takes orders from.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from typing import Any

from tests.load.preloaded import load_for_commands

MOST_BYTES = 1 << 17
"""Of one order."""
LOADED_LATE = 70
"""The status of a command that loaded what was not loaded before it was forked."""
_WIDTH = 4


def number_of(told: int) -> int:
    """The next number that comes through this pipe: first a command's process id, then its status."""
    told_number = os.read(told, _WIDTH)
    assert told_number, "the process that forks commands is gone"
    return int.from_bytes(told_number, "little", signed=True)


def _tell(tells: int, number: int) -> None:
    # Nobody listens any more to a command that took too long.
    with suppress(BrokenPipeError):
        os.write(tells, number.to_bytes(_WIDTH, "little", signed=True))


def main() -> None:
    """Take orders until nobody can give one any more."""
    load_for_commands()
    loaded = frozenset(sys.modules)
    assert threading.active_count() == 1, "a process with threads must not fork"
    orders = socket.socket(fileno=os.dup(0))
    wakes, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: dict[int, int] = {}
    ready = select.poll()
    for each in (orders.fileno(), wakes):
        ready.register(each, select.POLLIN)
    gc.collect()
    gc.freeze()
    while True:
        for found, _ in ready.poll():
            if found == wakes:
                os.read(wakes, 1 << 12)
                _tell_ends(alive)
                continue
            order, handles, _, _ = socket.recv_fds(orders, MOST_BYTES, 4)
            if not order:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for each in (orders.detach(), wakes, woken, *alive.values()):
                    os.close(each)
                _command(json.loads(order), handles, loaded)
            for each in handles[:3]:
                os.close(each)
            alive[pid] = handles[3]
            _tell(handles[3], pid)


def _tell_ends(alive: dict[int, int]) -> None:
    """Say the status of each command that has ended, to who ordered it."""
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        tells = alive.pop(pid)
        _tell(tells, os.waitstatus_to_exitcode(status))
        os.close(tells)


def _command(order: dict[str, Any], handles: list[int], loaded: frozenset[str]) -> None:
    """Be the command."""
    status = 1
    try:
        _take_on(order, handles)
        from approvals_hub.cli.main import main as command

        try:
            command()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        # As an interpreter ends.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        late = [name for name in sys.modules if name not in loaded]
        if late:
            sys.stderr.write(f"{late} would be loaded by each command: see tests/load/preloaded.py\n")
            status = LOADED_LATE
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(status)


def _take_on(order: dict[str, Any], handles: list[int]) -> None:
    """Become, of the process that forks, one that was started with these arguments."""
    if order["terminal"]:
        os.login_tty(os.dup(handles[0]))
    for number, handle in enumerate(handles[:3]):
        os.dup2(handle, number)
    for handle in handles:
        os.close(handle)
    own = sys.stdin, sys.stdout, sys.stderr
    form = [{"encoding": stream.encoding, "errors": stream.errors} for stream in own]
    sys.stdin, sys.stdout = os.fdopen(0, **form[0]), os.fdopen(1, "w", **form[1])
    # What is said to people goes out line by line, also where they read it from a file.
    sys.stderr = os.fdopen(2, "w", buffering=1, **form[2])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    tempfile.tempdir = None
    os.chdir(order["folder"])
    # The first place to find modules in is the folder: `python -m` has put there the one that it was started in.
    sys.path[0] = order["folder"]
    import approvals_hub.__main__ as started

    sys.argv = [str(started.__file__), *order["words"]]
    for number, limits in order["limits"]:
        resource.setrlimit(number, limits)


if __name__ == "__main__":
    main()
