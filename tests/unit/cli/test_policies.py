"""`approvals-hub policies`: from files alone, with statuses that a script can rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from approvals_hub.cli.main import run
from tests.unit.cli.conftest import Call, Done

GOOD = "version: 1\ndefault: deny\nrules:\n  - {id: small, effect: allow, action: pay, constraints: {amount_max: 50}}\n"
BAD = (
    "version: 1\ndefault: deny\nrules:\n  - {id: r, effect: alow, action: pay, obligations: [{type: HUMAN_APROVAL}]}\n"
)
ASKED = {"action_type": "pay", "payload": {"amount_minor": 5, "note": "\u001b[2J\u202e"}}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a good policy, a bad one, and an action."""
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "warned.yaml").write_text(GOOD.replace("default: deny", "default: allow"))
    (tmp_path / "action.json").write_text(json.dumps(ASKED))
    return tmp_path


@pytest.fixture
def policies(files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs `policies` in that folder."""
    monkeypatch.chdir(files)

    def call(*words: str) -> Done:
        capsys.readouterr()
        status = run(["policies", *words])
        return Done(status, *capsys.readouterr())

    return call


def test_lint_tells_every_fault_with_its_line_and_fails(policies: Call) -> None:
    done = policies("lint", "good.yaml", "bad.yaml")
    assert done.status == 1
    assert "bad.yaml\t4\t21\terror" in done.out
    assert "did you mean 'HUMAN_APPROVAL'" in done.out
    found = policies("lint", "bad.yaml", "--json")
    assert [(each["line"], each["column"], each["severity"]) for each in found.json["items"]] == [
        (4, 21, "error"),
        (4, 61, "error"),
    ]


@pytest.mark.parametrize(("words", "status"), [((), 0), (("--strict",), 1)])
def test_lint_fails_for_warnings_only_where_it_is_asked_to(policies: Call, words: tuple[str, ...], status: int) -> None:
    done = policies("lint", "warned.yaml", *words)
    assert (done.status, "what no rule speaks of is allowed" in done.out) == (status, True)
    assert policies("lint", "good.yaml", *words).status == 0


def test_explain_says_what_is_decided_and_why(policies: Call) -> None:
    done = policies("explain", "--policy", "good.yaml", "--action", "action.json", "--at", "2026-03-02T10:00:00Z")
    assert done.status == 0
    assert done.out.startswith("ALLOW: rule 'small' allows it\n")
    assert "✓ amount: 5" in done.out
    found = policies("explain", "--policy", "good.yaml", "--action", "action.json", "--json").json
    assert (found["decision"]["decision"], found["trace"][0]["decides"]) == ("ALLOW", True)


def test_explain_lays_policies_over_each_other(policies: Call, files: Path) -> None:
    (files / "agent.yaml").write_text(
        "version: 1\ndefault: passthrough\nrules:\n"
        "  - {id: stop, effect: deny, action: pay, when: {match: {path: $.payload.note, op: exists}}}\n"
        "  - {id: other, effect: deny, action: read}\n"
    )
    words = ("explain", "--policy", "good.yaml", "--agent-policy", "agent.yaml", "--action", "action.json")
    done = policies(*words)
    assert done.out.startswith("DENY: rule 'stop' denies it\n")
    assert "other" not in done.out
    assert "read is not about pay" in policies(*words, "--all").out
    # What an agent wrote does not reach the terminal as it is.
    assert "\x1b" not in done.out + policies(*words, "--json").out
    assert "\u202e" not in done.out


def test_explain_takes_facts_and_a_time(policies: Call, files: Path) -> None:
    (files / "limits.yaml").write_text(
        "version: 1\ndefault: deny\nrules:\n"
        "  - id: r\n    effect: allow\n    action: pay\n    frequency: {most: 3, window: day}\n"
        "    constraints: {times: {days: monday, zone: UTC}}\n"
    )
    (files / "facts.yaml").write_text("spent: 3\n")
    words = ("explain", "--policy", "limits.yaml", "--action", "action.json", "--at")
    assert policies(*words, "2026-03-02T10:00:00Z").out.startswith("ALLOW")
    assert policies(*words, "2026-03-03T10:00:00Z").out.startswith("DENY")
    asked = policies(*words, "2026-03-02T10:00:00Z", "--facts", "facts.yaml").out
    assert asked.startswith("REQUIRE_APPROVAL")
    assert "3 of 3 before, would pass the limit" in asked


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "--action", "action.json"),
        ("explain", "--policy", "good.yaml"),
        ("explain", "--policy", "good.yaml", "--action", "good.yaml"),
        ("explain", "--policy", "none.yaml", "--action", "action.json"),
        ("explain", "--policy", "good.yaml", "--action", "action.json", "--at", "tomorrow"),
        ("lint",),
    ],
)
def test_a_wrong_command_line_has_its_own_status(policies: Call, words: tuple[str, ...]) -> None:
    assert policies(*words).status == 2


def test_a_policy_that_cannot_be_read_explains_nothing(policies: Call) -> None:
    done = policies("explain", "--policy", "bad.yaml", "--action", "action.json")
    assert (done.status, done.out) == (1, "")
    assert "bad.yaml: line 4" in done.err
    assert "policies lint bad.yaml" in done.err


def test_scenarios_pass_or_say_what_differs(policies: Call, files: Path) -> None:
    text = (
        "policies: [{file: good.yaml}]\nscenarios:\n"
        "  - {name: it, action: {action_type: pay, payload: {amount_minor: 5}}, expect: {decision: ALLOW}}\n"
    )
    (files / "s.yaml").write_text(text)
    done = policies("test", "s.yaml")
    assert (done.status, done.err) == (0, "All 1 scenarios came out as expected.\n")
    (files / "s.yaml").write_text(text.replace("ALLOW", "DENY"))
    done = policies("test", "s.yaml")
    assert done.status == 1
    assert "decision is 'ALLOW', not 'DENY'" in done.out
    (files / "s.yaml").write_text("policies: [{file: good.yaml}]\n")
    assert policies("test", "s.yaml").status == 1


def test_the_schema_is_printed(policies: Call) -> None:
    found = policies("schema")
    assert json.loads(found.out)["title"] == "A policy of Approvals Hub"
    assert policies("schema", "--json").json == json.loads(found.out)
