"""Installs a package for one test: its modules and its dist-info in a folder that is then put on the path."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).parent


def installed(folder: Path) -> Path:
    """The sample package as pip would lay it out, by its own pyproject.toml."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    shutil.copy(HERE / "spoken_word.py", folder)
    return with_entry_points(folder, project["name"], project["entry-points"]["approvals_hub.step_up"])


def with_entry_points(folder: Path, package: str, points: dict[str, str], group: str = "approvals_hub.step_up") -> Path:
    """A package that offers step-up providers, or what else the group says."""
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, ""]))
    return folder
