"""`approvals-hub audit`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call


@pytest.fixture
def export(call: Call, tmp_path: Path) -> Path:
    call("agents", "invite", "bot")
    assert call("audit", "export", "-o", str(tmp_path / "log.jsonl")).status == 0
    return tmp_path / "log.jsonl"


def test_an_export_of_a_hub_verifies_without_it(export: Path, free_call: Call) -> None:
    done = free_call("audit", "verify", str(export))
    assert done.status == 0
    assert done.out.startswith("OK: ")
    assert "--key '" in done.out


def test_an_export_is_verified_where_opening_a_socket_is_impossible(export: Path, offline_call: Call) -> None:
    done = offline_call("audit", "verify", str(export))
    assert (done.status, done.out[:4], done.err) == (0, "OK: ", "")


def test_the_pinned_key_and_a_kept_checkpoint_are_named_in_the_report(
    export: Path, call: Call, free_call: Call, tmp_path: Path
) -> None:
    newest = call("audit", "checkpoint", "-o", str(tmp_path / "kept"), "--json").json
    words = ["audit", "verify", str(export), "--key", newest["keys"][0], "--checkpoint", str(tmp_path / "kept")]
    report = free_call(*words, "--json").json
    assert (report["ok"], report["pinned"], report["compared"]) == (True, True, report["size"])


def test_a_log_signed_by_somebody_else_does_not_verify(export: Path, free_call: Call) -> None:
    stranger = "localhost:8420/org_x+6da2a7f9+Aa0r7CM7tr1D4+78fQCEi+1JGG3ksIAZ+EC5ZAD6kZ7v"
    done = free_call("audit", "verify", str(export), "--key", stranger)
    assert done.status in (1, 2)


def test_a_key_that_is_none_is_status_2(export: Path, free_call: Call) -> None:
    assert free_call("audit", "verify", str(export), "--key", "nonsense").status == 2


@pytest.mark.parametrize("kind", ["cut", "edited", "no export"])
def test_an_export_that_was_touched_does_not_verify(export: Path, free_call: Call, kind: str) -> None:
    lines = export.read_text().splitlines(keepends=True)
    changed = {
        "cut": lines[:-1],
        "edited": [line.replace("org.created", "org.resumed") for line in lines],
        "no export": ["hello\n"],
    }
    export.write_text("".join(changed[kind]))
    done = free_call("audit", "verify", str(export), "--json")
    assert (done.status, done.json["ok"]) == (1, False)
    assert free_call("audit", "verify", str(export)).out.startswith("BROKEN")


def test_a_file_that_is_not_there_is_a_message(free_call: Call, tmp_path: Path) -> None:
    done = free_call("audit", "verify", str(tmp_path / "none"))
    assert (done.status, "Check the path." in done.err) == (1, True)


def test_a_part_of_the_log_can_be_asked_for(call: Call, tmp_path: Path) -> None:
    call("agents", "invite", "bot")
    words = ["audit", "export", "-o", str(tmp_path / "part.jsonl"), "--kind", "agent.invited"]
    call(*words, "--since", "2026-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z")
    text = (tmp_path / "part.jsonl").read_text()
    assert '"kind":"agent.invited"' in text
    assert '"kind":"org.created"' not in text
    assert call("audit", "verify", str(tmp_path / "part.jsonl")).status == 2  # it takes no --data
    assert call("audit", "export", "--since", "yesterday").status == 2


def test_a_table_is_for_people(call: Call, tmp_path: Path) -> None:
    done = call("audit", "export", "--format", "csv", "-o", str(tmp_path / "log.csv"), "--json").json
    assert done["bytes"] == (tmp_path / "log.csv").stat().st_size
    assert "org.created" in (tmp_path / "log.csv").read_text()


def test_a_checkpoint_can_be_printed(call: Call) -> None:
    assert call("audit", "checkpoint").out.startswith("localhost:8420/org_")
    assert json.loads(call("audit", "checkpoint", "--json").out)["keys"]


def test_evidence_is_written_beside_an_export_verified_with_it_and_read_by_nobody_else(
    call: Call, free_call: Call, tmp_path: Path
) -> None:
    log, beside = tmp_path / "log.jsonl", tmp_path / "evidence.jsonl"
    done = call("audit", "export", "-o", str(log), "--with-evidence", str(beside))
    assert f"--evidence {beside}" in done.out
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert '"kind":"evidence.exported"' in log.read_text()
    report = free_call("audit", "verify", str(log), "--evidence", str(beside), "--json").json
    assert (report["ok"], report["evidence"]["ok"], report["evidence"]["answers"]) == (True, True, 0)
    assert "OK: 0 of 0 answers" in free_call("audit", "verify", str(log), "--evidence", str(beside)).out


def test_evidence_that_was_touched_does_not_verify(call: Call, free_call: Call, tmp_path: Path) -> None:
    log, beside = tmp_path / "log.jsonl", tmp_path / "evidence.jsonl"
    call("audit", "export", "-o", str(log), "--with-evidence", str(beside))
    beside.write_text(beside.read_text().splitlines()[0] + "\n")
    done = free_call("audit", "verify", str(log), "--evidence", str(beside))
    assert (done.status, "BROKEN evidence, the file: the file breaks off" in done.out) == (1, True)


def test_a_bundle_is_written_by_the_command_and_one_that_is_not_there_is_a_message(call: Call, tmp_path: Path) -> None:
    done = call("audit", "bundle", "esc_0", "-o", str(tmp_path / "bundle.json"))
    assert (done.status, "there is no such escalation" in done.err) == (1, True)
    assert not (tmp_path / "bundle.json").exists()


def test_sign_ins_are_written_as_lines_or_as_a_table(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "sign-ins.jsonl"
    done = call("audit", "sign-ins", "--since", "2020-01-01T00:00:00Z", "-o", str(file), "--json").json
    assert done["bytes"] == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b'{"end":{"sign_ins":' in file.read_bytes().splitlines()[-1]
    assert f"{file}: " in call("audit", "sign-ins", "-o", str(file)).out
    assert call("audit", "sign-ins", "--format", "csv").out.startswith('"index","ts","outcome"')
    assert call("audit", "sign-ins", "--until", "tomorrow").status == 2
