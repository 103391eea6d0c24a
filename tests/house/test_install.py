"""The set-up behind `make` says what is missing and what to install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what every computer has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "dirname", "env", "touch", "cat"):
        (folder / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    return folder


def install(tools: Path, tree: Path, *words: str, ci: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs the set-up of a tree with that PATH alone."""
    (tree / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "install", tree / ".ci")
    environment = {"PATH": str(tools), "CI": "true" if ci else ""}
    command = [tools / "sh", tree / ".ci" / "install", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def script(path: Path, text: str) -> None:
    """A small executable."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_without_python_the_setup_says_what_to_install(tools: Path, tmp_path: Path) -> None:
    done = install(tools, tmp_path / "tree", "run")
    assert done.returncode != 0
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_python_that_is_too_old_is_passed_over(tools: Path, tmp_path: Path) -> None:
    script(tools / "python3", "exit 1")
    script(tools / "python3.12", f'echo "$0 $*" >> {tmp_path}/calls')
    install(tools, tmp_path / "tree", "run")
    assert "python3.12 -m venv --clear .venv" in (tmp_path / "calls").read_text()


def test_without_npm_the_setup_goes_on_with_one_line(tools: Path, tmp_path: Path) -> None:
    done = install(tools, tmp_path / "tree", "node", str(tmp_path / "stamp"))
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert not (tmp_path / "stamp").exists()


def test_without_npm_the_setup_fails_in_ci(tools: Path, tmp_path: Path) -> None:
    assert install(tools, tmp_path / "tree", "node", str(tmp_path / "stamp"), ci=True).returncode != 0
