"""Tests that lack a tool are left out with one line; in CI that, and any skip, is a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PYTEST = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.needs", "-p", "no:cacheprovider"]
# The other plug-ins cost two seconds a start and say nothing here.
QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
NEEDY = """
import pytest

@pytest.mark.needs("go")
def test_go_agrees_with_the_vectors(): ...

def test_one_and_one_are_two(): ...
"""
SKIPPING = """
import pytest

def test_this_one_is_skipped():
    pytest.skip("no reason is good enough")
"""


def run(folder: Path, text: str, *options: str, ci: bool) -> tuple[int, str]:
    """Exit status and output of pytest over one file, on a computer whose PATH holds no tools."""
    folder.mkdir(exist_ok=True)
    (folder / "test_sample.py").write_text(text)
    environment = {"PATH": str(folder), "PYTHONPATH": str(ROOT), "CI": "true" if ci else "false", **QUICK}
    done = subprocess.run(
        [*PYTEST, "--rootdir", str(folder), "-c", "/dev/null", *options, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_test_without_its_tool_is_left_out_with_one_line(tmp_path: Path, workers: str) -> None:
    status, output = run(tmp_path, NEEDY, "-n", workers, ci=False)
    assert status == 0
    assert "1 need go" in output
    assert "1 passed" in output.splitlines()[-1]


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_test_without_its_tool_fails_in_ci(tmp_path: Path, workers: str) -> None:
    status, output = run(tmp_path, NEEDY, "-n", workers, ci=True)
    assert status == 1
    assert "CI=true and go is not on this computer" in output


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_skipped_test_fails_the_run_in_ci(tmp_path: Path, workers: str) -> None:
    assert run(tmp_path, SKIPPING, "-n", workers, ci=True)[0] == 1
    assert run(tmp_path, SKIPPING, "-n", workers, ci=False)[0] == 0


def test_a_mark_for_an_unknown_tool_is_an_error(tmp_path: Path) -> None:
    assert run(tmp_path, NEEDY.replace('"go"', '"golang"'), ci=False)[0] != 0
