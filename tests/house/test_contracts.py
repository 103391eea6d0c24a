"""The import contracts can fail: a copy of the tree with one forbidden import breaks the contract that forbids it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
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
    ("siblings", "approvals_hub/tokens/token.py", "approvals_hub.tokens.redeem"),
    ("http", "approvals_hub/tokens/__init__.py", "aiohttp.web"),
    ("pure", "approvals_hub/domain/action.py", "approvals_hub.events.bus"),
    ("pure", "approvals_hub/audit/tiles.py", "asyncio"),
    ("pure", "approvals_hub/routing/climb.py", "approvals_hub.db.database"),
    ("providers", "approvals_hub/decisions/__init__.py", "identity"),
    ("stores", "approvals_hub/api/__init__.py", "approvals_hub.keys.store"),
    ("stores", "web/__init__.py", "approvals_hub.db.database"),
    ("engines", "approvals_hub/keys/rotate.py", "approvals_hub.db.sqlite"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's packages and the contracts, in a folder of their own, where every contract holds."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    status, report = lint(tree)
    assert status == 0, report
    return tree


def lint(tree: Path, *contracts: str) -> tuple[int, str]:
    """Exit status and report of some contracts over a tree, or of all."""
    named = [word for contract in contracts for word in ("--contract", contract)]
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", *named],
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
    text = file.read_text()
    file.write_text(f"{text}\nimport {name}\n")
    try:
        status, report = lint(copy, contract)
    finally:
        file.write_text(text)
    assert status == 1
    assert "BROKEN" in report


def test_every_contract_is_broken_by_one_of_these() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == {contract for contract, _, _ in BREACHES}


def test_the_layers_in_the_architecture_are_those_that_are_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    drawn = re.search(r"__main__ > cli[^`]*", (ROOT / "docs" / "architecture.md").read_text())
    assert drawn is not None
    assert [" ".join(layer.split()) for layer in drawn[0].split(">")] == [re.sub(r"[()]", "", name) for name in layers]


def test_a_new_top_level_module_must_be_given_its_layer(copy: Path) -> None:
    module = copy / "approvals_hub" / "extras.py"
    module.write_text('"""A module that nobody placed."""\n')
    try:
        status, report = lint(copy, "layers")
    finally:
        module.unlink()
    assert status == 1
    assert "approvals_hub.extras" in report
