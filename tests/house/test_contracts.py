"""The import contracts can fail: a copy of the tree with one forbidden import breaks the contract that forbids it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

# contract, file that gets the import, what it imports
BREACHES = [
    ("layers", "approvals_hub/core/clock.py", "approvals_hub.db.database"),
    ("layers", "approvals_hub/people/session.py", "approvals_hub.agents.agent"),
    ("libraries", "identity/__init__.py", "approvals_hub.core.errors"),
    ("libraries", "notify/__init__.py", "identity"),
    ("libraries", "sdks/python/approvals_hub_client/__init__.py", "approvals_hub.core.ids"),
    ("http", "approvals_hub/tokens/__init__.py", "aiohttp.web"),
    ("pure", "approvals_hub/domain/action.py", "approvals_hub.events.bus"),
    ("pure", "approvals_hub/audit/tree.py", "asyncio"),
    ("providers", "approvals_hub/decisions/__init__.py", "identity"),
    ("stores", "approvals_hub/api/__init__.py", "approvals_hub.keys.store"),
    ("stores", "web/__init__.py", "approvals_hub.db.database"),
    ("engines", "approvals_hub/keys/rotate.py", "approvals_hub.db.sqlite"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product's packages and the contracts, in a folder of their own."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path, contract: str) -> tuple[int, str]:
    """Exit status and report of one contract over a tree."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--contract", contract],
        cwd=tree,
        env={"PYTHONPATH": f"{tree}:{tree / 'sdks/python'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "path", "name"), BREACHES)
def test_an_import_against_the_arrows_breaks_its_contract(copy: Path, contract: str, path: str, name: str) -> None:
    file = copy / path
    before, _ = lint(copy, contract)
    file.write_text(f"{file.read_text()}\nimport {name}\n")
    after, report = lint(copy, contract)
    assert (before, after) == (0, 1)
    assert "BROKEN" in report


def test_a_new_top_level_module_must_be_given_its_layer(copy: Path) -> None:
    (copy / "approvals_hub" / "extras.py").write_text('"""A module that nobody placed."""\n')
    status, report = lint(copy, "layers")
    assert status == 1
    assert "approvals_hub.extras" in report
