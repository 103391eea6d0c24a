"""Commands called within the test's own process, on a hub's folder that was made once and is copied for each test."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from approvals_hub.cli.init import begin
from approvals_hub.cli.main import run
from approvals_hub.config import Settings, load


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


Call = Callable[..., Done]

WITHOUT_A_NETWORK = """
import socket, sys
def refuse(event, args):
    if event.startswith("socket."):
        raise SystemExit(f"the network was used: {event}")
sys.addaudithook(refuse)
try:
    socket.socket()
except SystemExit:
    from approvals_hub.cli.main import main
    main()
raise AssertionError("sockets can be opened")
"""
"""Every use of a socket, name look-ups too, ends the process: what works here works offline (PEP 578)."""


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new hub's folder, with its set-up link made; nobody changes it."""
    folder = tmp_path_factory.mktemp("hub") / "data"
    asyncio.run(begin(load(None, {}, {"data": folder})))
    assert run(["init", "--data", str(folder), "--json"]) == 0
    return folder


@pytest.fixture
def settings(made_once: Path, tmp_path: Path) -> Settings:
    """A hub of the test's own, which nobody has opened."""
    shutil.copytree(made_once, tmp_path / "data")
    return load(None, {}, {"data": tmp_path / "data"})


@pytest.fixture
def call(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command on the test's hub."""

    def call(*words: str) -> Done:
        capsys.readouterr()
        status = run([*words, "--data", str(settings.data)])
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def free_call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command that needs no hub."""

    def call(*words: str) -> Done:
        capsys.readouterr()
        status = run(list(words))
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def own_log() -> Iterator[None]:
    """What the test has the log do ends with it: its standard error does too."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


@pytest.fixture
def offline_call(tmp_path: Path) -> Call:
    """Runs a command in a process that cannot open a socket and has no hub."""

    def call(*words: str) -> Done:
        command = [sys.executable, "-c", WITHOUT_A_NETWORK, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        return Done(done.returncode, done.stdout, done.stderr)

    return call
