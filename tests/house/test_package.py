"""The wheel holds the product and nothing else; what the code reads at run time is in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the tree as it is, built by the locked back end."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def names(wheel: Path) -> set[str]:
    """Every file in it."""
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_file_of_the_product_is_in_the_wheel(wheel: Path) -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    there = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    there = {path.removeprefix("sdks/python/") for path in there}
    assert there - names(wheel) == set()


def test_nothing_but_the_product_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    packages = {package.rsplit("/", 1)[-1] for package in PACKAGES}
    assert {top for top in tops if not top.endswith(".dist-info")} == packages


def test_the_wheel_carries_its_licence_and_its_command(wheel: Path) -> None:
    metadata = {name.split("/", 1)[1]: name for name in names(wheel) if ".dist-info/" in name}
    with zipfile.ZipFile(wheel) as archive:
        assert b"approvals-hub = approvals_hub.cli.main:main" in archive.read(metadata["entry_points.txt"])
        assert archive.read(metadata["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
