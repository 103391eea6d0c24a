"""The page's QR codes are those of the standard: the same modules as segno's, and as python-qrcode's where it pads."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import segno

from tests.fakes.qr_scanner import scanned

ROOT = Path(__file__).parents[2]
ROOM = {
    "L": (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858),
    "M": (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666),
}
"""Octets that versions 1 to 20 hold (ISO/IEC 18004, table 7)."""
VECTORS = json.loads((ROOT / "tests" / "vectors" / "qr" / "padded.json").read_text())

pytestmark = pytest.mark.needs("node")


def drawn(cases: list[tuple[str, str]]) -> list[list[str]]:
    """What the page draws for each text and level: rows of 0 and 1."""
    script = (
        "import {qrMatrix} from './web/static/shared/qr.js';"
        "import {readFileSync} from 'node:fs';"
        "const rows = ([text, level]) => qrMatrix(text, level).map((line) => line.map(Number).join(''));"
        "console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(rows)))"
    )
    run = node(script, json.dumps(cases))
    assert run.returncode == 0, run.stderr
    found: list[list[str]] = json.loads(run.stdout)
    return found


def node(script: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = ["node", "--input-type=module", "--eval", script]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=False)


def full(octets: int) -> str:
    """A text that fills a code to the last octet: there segno does not pad, which it does with an octet too many."""
    return "".join(chr(33 + (at * 37 + octets) % 90) for at in range(octets))


def rows(matrix: Any) -> list[str]:
    return ["".join(str(int(module)) for module in line) for line in matrix]


@pytest.mark.parametrize("level", ["L", "M"])
def test_a_full_code_of_every_version_is_the_one_that_segno_makes(level: str) -> None:
    cases = [(full(octets), level) for octets in ROOM[level]]
    expected = [segno.make(text, error=level, mode="byte", micro=False, boost_error=False) for text, _ in cases]
    assert [code.version for code in expected] == list(range(1, 21))
    found = drawn(cases)
    assert found == [rows(code.matrix) for code in expected]
    assert [scanned(each) for each in found] == [text for text, _ in cases]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_padded_code_is_the_one_of_the_vector(vector: dict[str, Any]) -> None:
    assert drawn([(vector["text"], vector["level"])]) == [vector["rows"]]
    assert scanned(vector["rows"]) == vector["text"]


@pytest.mark.parametrize(("level", "most"), [("L", 858), ("M", 666)])
def test_a_text_that_no_code_holds_is_refused_and_the_longest_is_not(level: str, most: int) -> None:
    draw = f"import {{qrMatrix}} from './web/static/shared/qr.js'; qrMatrix('x'.repeat({most} + extra), '{level}')"
    assert node(draw.replace("extra", "0")).returncode == 0
    assert "RangeError" in node(draw.replace("extra", "1")).stderr
