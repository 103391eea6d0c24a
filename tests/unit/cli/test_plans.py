"""`approvals-hub groups`, `routes` and `schedules`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call
from tests.unit.routing.plans import LADDER, NIGHTS


@pytest.fixture
def files(call: Call, tmp_path: Path) -> Path:
    """A group, a schedule and a route over both, in files."""
    ada = call("people", "invite", "Ada", "--json").json["person_id"]
    (tmp_path / "ops.yaml").write_text(f"group: ops\nmembers: [{ada}]\n")
    (tmp_path / "nights.yaml").write_text(NIGHTS.format(members=ada))
    (tmp_path / "ladder.yaml").write_text(LADDER)
    return tmp_path


def test_plans_are_applied_from_files_shown_and_deleted_in_order(call: Call, files: Path) -> None:
    for kind, name in (("groups", "ops"), ("schedules", "nights"), ("routes", "ladder")):
        assert call(kind, "apply", str(files / f"{name}.yaml"), "--json").json["version"] == 1
        assert call(kind, "show", name, "--plain").out == (files / f"{name}.yaml").read_text()
        assert [item["name"] for item in call(kind, "list", "--json").json["items"]] == [name]
    used = call("groups", "delete", "ops", "--json")
    assert used.status == 1
    assert "route:ladder" in used.out + used.err
    assert call("routes", "delete", "ladder", "--yes").status == 0
    assert call("groups", "delete", "ops", "--yes").status == 0


def test_who_is_on_call_is_said(call: Call, files: Path) -> None:
    call("schedules", "apply", str(files / "nights.yaml"))
    assert call("schedules", "on-call", "nights", "--json").json["name"] == "Ada"
    assert "Ada (per_" in call("schedules", "on-call", "nights", "--plain").out
    assert call("schedules", "on-call", "nights", "--at", "noon").status == 1
    early = call("schedules", "on-call", "nights", "--at", "2019-01-01T00:00:00Z", "--plain")
    assert early.out.startswith("Nobody is on call")


def test_a_bad_file_is_refused_with_its_line_and_the_nearest_word(call: Call, files: Path) -> None:
    (files / "ops.yaml").write_text("group: ops\nmembres: [a]\n")
    done = call("groups", "apply", str(files / "ops.yaml"))
    assert done.status == 1
    assert "line 2, column 1" in done.err
    assert "did you mean 'members'?" in done.err


def test_a_version_that_does_not_stand_any_more_is_refused(call: Call, files: Path) -> None:
    path = str(files / "ops.yaml")
    call("groups", "apply", path)
    (files / "ops.yaml").write_text((files / "ops.yaml").read_text() + "# more\n")
    assert call("groups", "apply", path, "--version", "0").status == 1
    assert call("groups", "apply", path, "--json").json["version"] == 2


def test_an_empty_list_says_how_to_begin(call: Call) -> None:
    assert "approvals-hub routes apply FILE" in call("routes", "list", "--plain").err
