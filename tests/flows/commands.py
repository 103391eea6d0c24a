"""The command line as its users have it: every command a process of its own, and a hub that serves in another."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.flows.forked import Forked, kept, run_command, starts_alike
from tests.flows.world import free_port

SECONDS = 60

Process = subprocess.Popen[str] | Forked


@dataclass
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@dataclass
class Commands:
    """Calls commands on one hub's folder."""

    data: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def run(self, *words: str, text: str = "", **environment: str) -> Done:
        """One command from beginning to end."""
        env = self.env(**environment)
        folder = self.data.parent
        if starts_alike(env):
            done = run_command(words, text, env, folder, SECONDS)
        else:
            done = subprocess.run(
                line_of(words), input=text, capture_output=True, text=True, timeout=SECONDS, env=env, cwd=folder
            )
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *words: str, **environment: str) -> dict[str, Any]:
        """What a command that must succeed prints as JSON."""
        done = self.run(*words, "--json", **environment)
        assert done.status == 0, done.err + done.out
        return done.json

    def start(self, *words: str, into: IO[bytes] | None = None, from_nothing: bool = False) -> Process:
        """A command that goes on; all that it writes goes `into` a file, or into two pipes."""
        env, folder = self.env(), self.data.parent
        if starts_alike(env) and not from_nothing:
            return Forked(words, env, folder, into=None if into is None else (into, into))
        written = subprocess.PIPE if into is None else into
        return subprocess.Popen(line_of(words), stdout=written, stderr=written, text=True, env=env, cwd=folder)

    @contextmanager
    def serving(self, *words: str, from_nothing: bool = False) -> Iterator[Process]:
        """A hub that answers; ended, by force if need be, with the block."""
        process = self.start("serve", *words, from_nothing=from_nothing)
        try:
            wait_for_line(process, "The hub answers at")
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    def get(self, path: str) -> tuple[int, Any]:
        """A plain request to the hub that serves."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def env(self, **more: str) -> dict[str, str]:
        return {
            **kept(),
            "APPROVALS_HUB__DATA": str(self.data),
            "APPROVALS_HUB__LISTEN__PORT": str(self.port),
            **self.environment,
            **more,
        }


def line_of(words: Sequence[str]) -> list[str]:
    """What starts a command from nothing."""
    return [sys.executable, "-m", "approvals_hub", *words]


def wait_for_line(process: Process, words: str) -> str:
    """Everything on standard error up to the line with these words; fails when the process ends without it."""
    assert process.stderr is not None
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    seen = ""
    try:
        while words not in seen:
            line = process.stderr.readline()
            if not line:
                raise AssertionError(f"no {words!r} in: {seen}{process.communicate()}")
            seen += line
    finally:
        watchdog.cancel()
    return seen
