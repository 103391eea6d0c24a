"""Policies from files in a repository into a hub, from the command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.unit.cli.conftest import Call

TEXT = "version: 1\npolicy: payments\ndefault: require_approval\nrules: []\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.com", *words],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_a_policy_goes_from_a_file_into_force_and_out_again(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    file = folder / "file.yaml"
    file.write_text(TEXT)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    commit = git(folder, "rev-parse", "HEAD")

    made = call("policies", "apply", str(file), "--tier", "group", "--bound-to", "web", "--rank", "7", "--json").json
    assert (made["name"], made["version"], made["source"], made["bound_to"]) == ("payments", 1, commit, "web")
    assert call("policies", "diff", str(file), "--plain").out.strip() == "No difference."

    file.write_text(TEXT.replace("require_approval", "deny"))
    told = call("policies", "diff", str(file), "--json")
    assert (told.status, "+default: deny" in told.json["diff"]) == (1, True)
    again = call("policies", "apply", str(file), "--json").json
    # What is not said of the binding stays, and an edited file is not passed off as its commit.
    assert (again["version"], again["tier"], again["rank"], again["source"]) == (2, "group", 7, f"{commit}-changed")
    assert [each["version"] for each in call("policies", "versions", "payments", "--json").json["items"]] == [2, 1]
    assert call("policies", "show", "payments", "--plain").out == file.read_text()
    assert call("policies", "remove", "payments", "--yes", "--json").json["version"] == 2
    assert call("policies", "list", "--json").json["items"] == []


def test_a_difference_is_said_in_words_and_a_dry_run_in_numbers(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "payments.yaml"
    file.write_text(TEXT)
    call("policies", "apply", str(file))
    file.write_text(TEXT.replace("require_approval", "deny"))
    told = call("policies", "diff", str(file), "--plain")
    assert told.out.startswith("Refused from now on:\n  What no rule names: refused. Before: allowed once people")
    changes = call("policies", "diff", str(file), "--json").json["changes"]
    assert list(changes) == ["refused_from_now_on"]
    ran = call("policies", "dry-run", str(file), "--days", "7", "--tier", "group", "--bound-to", "web", "--json").json
    assert (ran["name"], ran["replayed"], ran["complete"], ran["items"]) == ("payments", 0, True, [])
    plain = call("policies", "dry-run", str(file), "--plain")
    assert plain.out.startswith("0 decisions since ")
    assert "Nothing would have been decided otherwise." in plain.err


def test_what_is_no_policy_is_refused_with_its_place(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("version: 1\ndefault: denny\nrules: []\n")
    refused = call("policies", "apply", str(file))
    assert (refused.status, "line 2" in refused.err) == (1, True)
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in call("policies", "apply", str(file)).err


def test_an_agent_is_labelled_for_policies(call: Call) -> None:
    made = call("agents", "api-key", "script", "--json").json
    said = call("agents", "label", made["agent_id"], "--team", "web", "--environment", "prod", "--json").json
    assert (said["teams"], said["project"], said["environment"]) == (["web"], None, "prod")
    refused = call("agents", "label", made["agent_id"], "--team", "Not A Team")
    assert "$.teams[0]" in refused.err
