"""What is installed is named by version and hash, agrees in every lock, and comes from the public indexes alone."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.house.tree import ROOT

EXPORTS = ("requirements.lock", "requirements.test.lock")
IMAGE = ("ops/image/build.lock", "ops/image/requirements.lock")
PUBLIC = {"https://pypi.org", "https://files.pythonhosted.org"}


def locked() -> dict[str, set[str]]:
    """Package → versions, from uv.lock; the tree itself is left out."""
    versions: dict[str, set[str]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        if "registry" in package["source"]:
            versions.setdefault(package["name"], set()).add(package["version"])
    return versions


def exported(name: str) -> list[tuple[str, str, int]]:
    """Package, version and number of hashes of each entry of an exported lock."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    found = [re.match(r"([\w.-]+)==([\w.!+-]+)", entry) for entry in entries]
    assert None not in found
    return [
        (match[1], match[2], entry.count("--hash=sha256:"))
        for match, entry in zip(found, entries, strict=True)
        if match
    ]


@pytest.mark.parametrize("name", EXPORTS + IMAGE)
def test_every_package_for_plain_pip_has_a_hash(name: str) -> None:
    assert [package for package, _, hashes in exported(name) if hashes == 0] == []


@pytest.mark.parametrize("name", EXPORTS + IMAGE)
def test_plain_pip_gets_the_versions_that_uv_gets(name: str) -> None:
    versions = locked()
    assert [(package, version) for package, version, _ in exported(name) if version not in versions[package]] == []


def test_running_needs_no_package_that_tests_do_not_have() -> None:
    run, test = ({package for package, _, _ in exported(name)} for name in EXPORTS)
    assert run < test
    assert not {"pytest", "playwright", "schemathesis", "mypy"} & run


def test_the_build_back_end_is_locked_too() -> None:
    assert all("hatchling" in {package for package, _, _ in exported(name)} for name in (*EXPORTS, IMAGE[0]))


def test_the_image_runs_what_the_tests_run() -> None:
    run, test = (set(exported(name)) for name in (IMAGE[1], EXPORTS[1]))
    assert run < test


def test_the_lock_names_the_public_indexes_alone() -> None:
    hosts = set(re.findall(r"(?:https?|file|ssh)://[^/\"]*", (ROOT / "uv.lock").read_text()))
    assert hosts == PUBLIC
    assert not re.search(r"://", "".join((ROOT / name).read_text() for name in EXPORTS + IMAGE))


def test_the_lock_of_npm_has_a_hash_for_each_package_and_names_no_host() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_packages_of_npm_are_pinned_to_one_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
