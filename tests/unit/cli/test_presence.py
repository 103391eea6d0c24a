"""`approvals-hub absences` and `quiet-hours`, and what `schedules` and `routes` say beside texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call
from tests.unit.routing.plans import LADDER, NIGHTS

TIMES = ("--from", "2036-12-24T08:00:00Z", "--until", "2036-12-26T08:00:00Z")


@pytest.fixture
def ada(call: Call) -> str:
    return str(call("people", "invite", "Ada", "--json").json["person_id"])


def test_an_absence_is_recorded_listed_and_ended(call: Call, ada: str) -> None:
    made = call("absences", "add", ada, *TIMES, "--json").json
    assert made["recorded_by"] == "operator"
    assert made["absence_id"] in call("absences", "list", "--plain").out
    assert call("absences", "end", made["absence_id"]).status == 0
    assert "Nobody is away" in call("absences", "list", "--plain").err
    assert call("absences", "add", "per_nobody", *TIMES).status == 1


def test_quiet_hours_are_set_shown_and_cleared(call: Call, ada: str) -> None:
    span = "monday,sunday 22:00-07:00"
    assert call("quiet-hours", "set", ada, span, "--zone", "Europe/Stockholm").status == 0
    assert span in call("quiet-hours", "show", ada, "--plain").out
    assert call("quiet-hours", "clear", ada, "--json").json["spans"] == []
    assert "has no quiet hours" in call("quiet-hours", "show", ada, "--plain").out
    assert call("quiet-hours", "set", ada, "always", "--zone", "UTC").status == 1
    assert call("quiet-hours", "show", "per_nobody").status == 1


def test_overrides_the_default_route_and_a_preview(call: Call, ada: str, tmp_path: Path) -> None:
    (tmp_path / "nights.yaml").write_text(NIGHTS.format(members=ada))
    (tmp_path / "ops.yaml").write_text(f"group: ops\nmembers: [{ada}]\n")
    (tmp_path / "ladder.yaml").write_text(LADDER)
    for kind, name in (("groups", "ops"), ("schedules", "nights"), ("routes", "ladder")):
        assert call(kind, "apply", str(tmp_path / f"{name}.yaml")).status == 0
    made = call("schedules", "stand-in", "nights", ada, *TIMES, "--json").json
    assert made["override_id"] in call("schedules", "overrides", "nights", "--plain").out
    assert call("schedules", "end-override", "nights", made["override_id"]).status == 0
    assert "no default route" in call("routes", "default", "--plain").out
    assert call("routes", "default", "ladder", "--json").json == {"route": "ladder"}
    assert "take the route ladder" in call("routes", "default", "--plain").out
    assert call("routes", "default", "--none", "--json").json == {"route": None}
    seen = call("routes", "preview", "ladder", "--at", "2026-12-24T08:00:00Z", "--plain")
    assert "It would end denied" in seen.err
    file = str(tmp_path / "ladder.yaml")
    assert call("routes", "preview", "ladder", "--file", file, "--json").json["outcome"] == "denied"
