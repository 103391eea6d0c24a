"""The wheel holds the product and nothing else, and what the code reads at run time. Built again, it is the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

AT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}


def build(tree: Path, folder: Path) -> Path:
    """Wheel and source archive of a tree as it is, built by the locked back end."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, env=AT)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both of this tree."""
    return build(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel of this tree."""
    return next(built.glob("*.whl"))


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


def test_built_again_elsewhere_from_files_of_another_time_and_mode_both_are_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "elsewhere"
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        listed = [name.partition("/")[2] for name in archive.getnames() if not name.endswith("PKG-INFO")]
    for name in listed:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)
        (tree / name).chmod((ROOT / name).stat().st_mode & 0o100 | 0o640)
        os.utime(tree / name, (1_000_000_000, 1_000_000_000))
    again = build(tree, tmp_path / "again")
    files = sorted(file.name for file in built.iterdir())
    assert len(files) == 2
    assert [name for name in files if (built / name).read_bytes() != (again / name).read_bytes()] == []
