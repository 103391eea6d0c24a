"""Receipt bundles as they were once written hold for ever, and each change of one is found where it was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client.bundle import verify_bundle
from approvals_hub_client.bundle_form import FORMAT
from approvals_hub_client.canonical import dumps
from tests.unit.approvals_hub_client.made_bundle import part_of
from tests.vectors.make_bundles import FILE, patch
from tests.vectors.patched import patched

VECTORS: dict[str, Any] = json.loads(Path(FILE).read_text(encoding="utf-8"))
GOOD = {each["name"]: each for each in VECTORS["good"]}


def test_they_are_of_the_format_that_is_verified() -> None:
    assert VECTORS["format"] == FORMAT
    assert (len(GOOD), len(VECTORS["refused"])) == (4, 23)


@pytest.mark.parametrize("name", GOOD)
def test_a_bundle_of_then_holds(name: str) -> None:
    each = GOOD[name]
    report = verify_bundle(dumps(each["bundle"]))
    assert (report.ok, report.pinned, report.outcome, part_of(report)) == (True, False, each["outcome"], "")
    trusted = verify_bundle(dumps(each["bundle"]), trust=[VECTORS["trust"]])
    # The key to trust is of one hub: another hub's bundle does not hold by it.
    assert (trusted.ok, trusted.pinned) == ((False, False) if name == "another hub" else (True, True))


@pytest.mark.parametrize("each", VECTORS["refused"], ids=lambda each: each["name"])
def test_a_changed_bundle_does_not_hold_and_the_part_is_named(each: dict[str, Any]) -> None:
    good = GOOD[each["of"]]["bundle"]
    bad = patched(good, each["patch"])
    assert part_of(verify_bundle(dumps(bad))) == each["part"]
    assert [*patch(good, bad)] == each["patch"]
