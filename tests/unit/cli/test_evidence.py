"""Evidence at the command line."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from approvals_hub.cli import evidence
from approvals_hub.decisions.verify_evidence import EvidenceReport, Fault
from tests.unit.cli.conftest import Call


def test_a_question_that_nobody_asked_is_a_message(call: Call) -> None:
    done = call("audit", "evidence", "esc_none")
    assert (done.status, "no such" in done.err) == (1, True)


def test_a_filter_that_is_about_entries_is_refused(call: Call, tmp_path: Path) -> None:
    words = ("audit", "export", "-o", str(tmp_path / "log"), "--with-evidence", str(tmp_path / "e"))
    done = call(*words, "--kind", "token.redeemed")
    assert (done.status, "leave --kind out" in done.err) == (2, True)


def test_certificates_that_are_none_are_status_2(call: Call, free_call: Call, tmp_path: Path) -> None:
    log, beside = tmp_path / "log", tmp_path / "e"
    call("audit", "export", "-o", str(log), "--with-evidence", str(beside))
    done = free_call("audit", "verify", str(log), "--evidence", str(beside), "--bankid-root", str(log))
    assert done.status == 2


REPORT = EvidenceReport(
    ok=True,
    answers=3,
    verified=2,
    erased=1,
    newer=1,
    outside=4,
    later=1,
    created="2026-11-21T00:00:00.000Z",
    query={"agent": "agt_1"},
    logged=True,
    ties={"server": 1, "signed": 1},
    words=1,
    unpinned=["bankid"],
    faults=[],
)


def test_the_report_says_in_words_how_far_the_proofs_hold() -> None:
    told = evidence._told(REPORT)
    for words in ("2 of 3 answers verified; 1 erased", "nothing to verify): 1", "question's own: 1", "--bankid-root"):
        assert words in told


def test_the_report_says_what_the_file_is_of_who_says_so_and_what_is_outside_it() -> None:
    told = evidence._told(REPORT)
    assert "written 2026-11-21T00:00:00.000Z, with agent=agt_1 (the log says so too)" in told
    assert "not in the file: 4, 1 of them later than the file" in told
    own = evidence._told(replace(REPORT, ok=False, query={}, logged=False))
    assert "with no filter (its own word: the export has no such entry)" in own


def test_a_file_writes_no_line_of_its_own_into_the_report() -> None:
    lie = "x\nOK: 9 of 9 answers verified"
    broken = replace(REPORT, ok=False, created=lie, query={lie: lie}, faults=[Fault(lie, lie)])
    assert len(evidence._told(broken).splitlines()) == 2
    assert "\nOK: 9" not in evidence._told(replace(broken, ok=True))


def test_what_is_expected_of_evidence_is_said_where_there_is_some(call: Call, free_call: Call, tmp_path: Path) -> None:
    log, beside = tmp_path / "log", tmp_path / "e"
    since = ("--since", "2026-01-01T00:00:00Z")
    done = call("audit", "export", "-o", str(log), "--with-evidence", str(beside), *since)
    assert f"--evidence {beside} --since 2026-01-01T00:00:00Z" in done.out
    assert free_call("audit", "verify", str(log), *since).status == 2
    words = ("audit", "verify", str(log), "--evidence", str(beside))
    assert (free_call(*words, *since).status, free_call(*words).status) == (0, 1)


def test_an_answer_is_shown_with_its_proofs_and_what_was_erased() -> None:
    answer = {
        "decision_id": "dec_1", "decision": "approve", "approver_id": "per_1", "decided_at": "t1",
        "superseded_at": "t2", "statement_hash": "sha256:s", "key": {"key_hash": "sha256:k"}, "device_id": "dev_1",
        "signed": None,
        "step_ups": [
            {"method": "bankid", "binding": "signed", "proven_at": "t0", "evidence_hash": "sha256:e", "evidence": None}
        ],
    }  # fmt: skip
    told = evidence._answer(answer)
    assert "dec_1: approve by per_1 t1, replaced t2" in told
    assert "bankid (signed) t0, sha256:e, erased" in told
