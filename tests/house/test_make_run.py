"""`make run` as a newcomer types it: a hub, its set-up link, and an end by Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.flows.world import free_port
from tests.house.tree import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with what the target reads; the environment is the one of these tests, found ready."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "ready").touch()
    return tmp_path


def make(tree: Path, *words: str) -> list[str]:
    """The command line."""
    return ["make", "--no-print-directory", f"VENV={sys.prefix}", f"RUN_READY={tree / 'ready'}", *words]


def test_make_run_serves_a_hub_prints_its_set_up_link_and_ends_by_ctrl_c(tree: Path) -> None:
    port = free_port()
    # The code of this tree, wherever the environment was made for.
    path = os.pathsep.join([str(ROOT), str(ROOT / "sdks" / "python")])
    began = time.monotonic()
    process = subprocess.Popen(
        make(tree, "run", f"ARGS=--port {port}"),
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said = ""
        assert process.stdout is not None
        while "The hub answers at" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        took = time.monotonic() - began
        [link] = re.findall(rf"http://localhost:{port}/\S+#\S+", said)
        with urllib.request.urlopen(link.partition("#")[0], timeout=10) as page:
            assert page.status == 200
        with urllib.request.urlopen(f"http://localhost:{port}/healthz/ready", timeout=10) as ready:
            assert ready.status == 200
        assert (tree / "data" / "hub.db").exists()
        # A minute is promised with the set-up, which CI times in a clean clone.
        assert took < 20
        os.killpg(process.pid, signal.SIGINT)
        left, _ = process.communicate(timeout=20)
        assert "Stopping" in left
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_the_first_make_run_sets_up_what_it_needs_and_the_next_one_nothing(tree: Path) -> None:
    def planned() -> str:
        return subprocess.run([*make(tree), "-n", "run"], cwd=tree, capture_output=True, text=True, check=True).stdout

    assert "install run" not in planned()
    (tree / "ready").unlink()
    assert "install run" in planned()
    assert "install test" not in planned()
