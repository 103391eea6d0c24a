"""The vectors that other languages run are the ones that this code makes."""

from __future__ import annotations

import runpy
from pathlib import Path

VECTORS = Path(__file__).parents[1] / "vectors"


def test_the_committed_vectors_are_what_the_script_writes() -> None:
    made = runpy.run_path(str(VECTORS / "make.py"))["files"]()
    committed = {path.name: path.read_text(encoding="utf-8") for path in (VECTORS / "approvals_hub").glob("*.json")}
    assert committed == made
