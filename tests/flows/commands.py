"""The command line as its users have it: every command a process of its own, and a hub that serves in another."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flows.mother import run_command
from tests.flows.world import free_port

SECONDS = 60


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
        if env.get("PYTHONPATH") != os.environ.get("PYTHONPATH"):
            # It is to find other modules than this process.
            line = [sys.executable, "-m", "approvals_hub", *words]
            done = subprocess.run(
                line, input=text, capture_output=True, text=True, timeout=SECONDS, env=env, cwd=self.data.parent
            )
        else:
            done = run_command(words, text, env, self.data.parent, SECONDS)
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *words: str, **environment: str) -> dict[str, Any]:
        """What a command that must succeed prints as JSON."""
        done = self.run(*words, "--json", **environment)
        assert done.status == 0, done.err + done.out
        return done.json

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """A command that goes on."""
        return subprocess.Popen(
            [sys.executable, "-m", "approvals_hub", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.env(**environment),
            cwd=self.data.parent,
        )

    @contextmanager
    def serving(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A hub that answers; ended, by force if need be, with the block."""
        process = self.start("serve", *words)
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
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ
        }
        return {
            **kept,
            "APPROVALS_HUB__DATA": str(self.data),
            "APPROVALS_HUB__LISTEN__PORT": str(self.port),
            **self.environment,
            **more,
        }


def wait_for_line(process: subprocess.Popen[str], words: str) -> str:
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
