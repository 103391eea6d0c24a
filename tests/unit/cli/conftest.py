"""Commands called within the test's own process, on a hub's folder that was made once and is copied for each test."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
