"""The bill of materials names what is installed, each part with the hashes that the installation checks."""

from __future__ import annotations

import json
import re
from importlib.metadata import distribution
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.house.bill import BUILD, NAME, OPTIONAL, REQUIRED, bill, text
from tests.house.test_locks import exported

LOCK = {
    "package": [
        {
            "name": NAME,
            "version": "1.0",
            "dependencies": [{"name": "web"}],
            "optional-dependencies": {"push": [{"name": "push"}]},
            "dev-dependencies": {"build": [{"name": "builder"}], "test": [{"name": "tester"}]},
        },
        {"name": "web", "version": "2", "dependencies": [{"name": "deep", "marker": "sys_platform == 'win32'"}]},
        {"name": "deep", "version": "3", "sdist": {"url": "https://e/deep.tar.gz", "hash": "sha256:aa"}},
        {"name": "push", "version": "4", "dependencies": [{"name": "deep"}]},
        {"name": "builder", "version": "5"},
        {"name": "tester", "version": "6"},
    ]
}


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """The bill of this tree."""
    document: dict[str, Any] = json.loads(text())
    return document


def test_what_is_needed_what_an_extra_brings_and_what_only_builds_are_told_apart_and_tests_bring_nothing() -> None:
    scopes = {each["name"]: each["scope"] for each in bill(LOCK, 0)["components"]}
    assert scopes == {"web": REQUIRED, "deep": REQUIRED, "push": OPTIONAL, "builder": BUILD}


def test_each_archive_of_a_part_stands_with_its_hash() -> None:
    [deep] = [each for each in bill(LOCK, 0)["components"] if each["name"] == "deep"]
    assert deep["externalReferences"] == [
        {
            "type": "distribution",
            "url": "https://e/deep.tar.gz",
            "hashes": [{"alg": "SHA-256", "content": "aa"}],
        }
    ]


def test_the_same_tree_gives_the_same_bytes_and_another_one_another_serial_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert text() == text()
    assert json.loads(text())["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert bill(LOCK, 0)["serialNumber"] != bill(LOCK, 1)["serialNumber"]


def test_everything_that_plain_pip_installs_to_run_a_hub_is_in_the_bill_at_that_version(
    written: dict[str, Any],
) -> None:
    there = {(each["name"], each["version"]) for each in written["components"]}
    assert {(name, version) for name, version, _ in exported("requirements.lock")} - there == set()


def test_everything_that_is_installed_here_for_the_hub_is_in_the_bill_at_that_version(written: dict[str, Any]) -> None:
    there = {each["name"]: each["version"] for each in written["components"]}
    left, seen = [NAME], {NAME}
    while left:
        for wish in map(Requirement, distribution(left.pop()).requires or ()):
            name = re.sub(r"[-_.]+", "-", wish.name).lower()
            if name not in seen and (wish.marker is None or wish.marker.evaluate({"extra": ""})):
                assert there[name] == distribution(name).version
                seen.add(name)
                left.append(name)
    assert len(seen) > 20


def test_every_part_has_a_hash_and_every_dependency_is_a_part(written: dict[str, Any]) -> None:
    parts = {each["bom-ref"] for each in written["components"]}
    hashes = [each["hashes"][0]["content"] for part in written["components"] for each in part["externalReferences"]]
    assert all(part["externalReferences"] for part in written["components"])
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
    graph = {each["ref"]: set(each["dependsOn"]) for each in written["dependencies"]}
    assert graph.keys() - {written["metadata"]["component"]["bom-ref"]} == parts
    assert set().union(*graph.values()) <= parts
