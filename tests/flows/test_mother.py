"""A command that was forked is the command that a shell starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.forked import run_command
from tests.flows.world import free_port

WORDS = [("--version",), ("no-such-command",), ("keys", "list", "--json")]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    names = ("PATH", "PYTHONPATH", "LANG", "HOME")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "APPROVALS_HUB__DATA": str(tmp_path / "none")}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_says_the_same_and_ends_with_the_same_status(
    words: tuple[str, ...], env: dict[str, str], tmp_path: Path
) -> None:
    line = [sys.executable, "-m", "approvals_hub", *words]
    started = subprocess.run(line, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, input="")
    forked = run_command(words, "", env, tmp_path, 60)
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_its_environment_and_folder_are_its_own(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    made = run_command(("init",), "", {**env, "APPROVALS_HUB__DATA": "here"}, tmp_path / "elsewhere", 60)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "elsewhere" / "here").is_dir()


def test_one_that_takes_too_long_is_killed(env: dict[str, str], tmp_path: Path) -> None:
    assert run_command(("init",), "", env, tmp_path, 60).returncode == 0
    with pytest.raises(subprocess.TimeoutExpired):
        run_command(("serve", "--port", str(free_port())), "", env, tmp_path, 0.5)
