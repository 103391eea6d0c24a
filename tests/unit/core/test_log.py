"""Loggers show no values and bring no highlighter of programs along."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.tree import ROOT

FAILS = """
import sys
import web.routes
from approvals_hub.core.log import logger

def fails(password):
    raise ValueError("refused")

try:
    fails("correct horse")
except ValueError:
    logger("part").exception("it failed")
print("rich" in sys.modules, "pygments" in sys.modules)
import rich
"""


def test_what_is_logged_before_logging_is_set_up_shows_no_values_and_loads_no_highlighter() -> None:
    done = subprocess.run([sys.executable, "-c", FAILS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "it failed" in done.stdout
    assert "ValueError: refused" in done.stdout + done.stderr
    assert "correct horse" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "False False"


def test_nobody_else_imports_structlog_and_rich_with_it() -> None:
    product = (
        path
        for folder in ("approvals_hub", "identity", "notify", "web")
        for path in ROOT.joinpath(folder).rglob("*.py")
    )
    importing = [
        path.name for path in product if re.search(r"^\s*(import|from) structlog", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["log.py"]
