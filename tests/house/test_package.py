"""The wheel holds the product and nothing else, and what the code reads at run time. Built again, it is the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps
from approvals_hub_client.keys import Ed25519SigningKey
from tests.house.tree import PACKAGES, ROOT

# Without `site` nothing of the tree's own installation is on the path: only the folder, and what the client depends on.
ALONE = """
import json, sys
given = json.load(sys.stdin)
sys.path += [given["installed"], *given["packages"]]
for absent in ("approvals_hub", "web", "identity", "notify", "pyseto"):
    sys.modules[absent] = None
import approvals_hub_client
assert approvals_hub_client.__file__.startswith(given["installed"])
for name in approvals_hub_client.__all__:
    getattr(approvals_hub_client, name)
print(json.dumps(approvals_hub_client.verify_proof_offline(**given["proof"])))
"""

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


def test_the_client_is_built_alone_and_verifies_a_proof_where_there_is_no_hub(tmp_path: Path) -> None:
    tree, installed = tmp_path / "python", tmp_path / "installed"
    shutil.copytree(ROOT / "sdks" / "python", tree, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "built")]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, env=AT)
    (wheel,) = (tmp_path / "built").iterdir()
    assert {name.split("/")[0].split("-")[0] for name in names(wheel)} == {"approvals_hub_client"}
    # A wheel of pure Python is installed by unpacking it.
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    shutil.rmtree(tree)
    packages = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    given = {"installed": str(installed), "packages": packages, "proof": a_proof()}
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE], input=json.dumps(given), capture_output=True, text=True, cwd=tmp_path
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["aud"] == "bank.example.com"


def a_proof() -> dict[str, object]:
    """What a counterparty verifies: a proof, the hub's published keys, and its own name."""
    key = Ed25519SigningKey()
    kid = paseto.key_id(key.public)
    claims = {
        "iss": "https://hub.example.com",
        "aud": "bank.example.com",
        "iat": "2026-11-21T01:00:00.000Z",
        "exp": "2126-11-21T01:00:00.000Z",
        "kid": kid,
        "decision": "ALLOW",
    }
    token = paseto.sign(key, kid, dumps(claims), implicit=paseto.PROOF)
    published = {"keys": [{"kid": kid, "public_key": b64u(key.public.raw), "valid_until": None}]}
    return {"token": token, "keys": published, "audience": "bank.example.com"}
