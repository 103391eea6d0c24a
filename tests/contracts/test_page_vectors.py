"""The page's JavaScript and the hub's Python say the same about every vector."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from approvals_hub.core.visible import HIDDEN, MARKS
from approvals_hub.domain.warning import CODES

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.needs("node")


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["node", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_page_answers_every_vector_as_the_hub_does() -> None:
    run = node("--test", "tests/contracts/page_vectors.mjs")
    assert run.returncode == 0, run.stdout[-4000:]


def test_the_page_and_the_hub_have_the_same_table_of_hidden_characters() -> None:
    script = (
        "import {HIDDEN, MARKS} from './web/static/shared/visible.js'; console.log(JSON.stringify([HIDDEN, MARKS]))"
    )
    run = node("--input-type=module", "--eval", script)
    assert json.loads(run.stdout) == [[list(pair) for pair in table] for table in (HIDDEN, MARKS)]


def test_the_page_and_the_hub_have_the_same_warnings() -> None:
    script = "import {CODES} from './web/static/shared/warning.js'; console.log(JSON.stringify(CODES))"
    assert json.loads(node("--input-type=module", "--eval", script).stdout) == list(CODES)
