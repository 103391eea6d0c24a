"""What reaches a terminal, a pipe and a program."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout

import pytest

from approvals_hub.cli.output import Output, Problem, cell, shown
from tests.unit.cli.conftest import Call


class Terminal(io.StringIO):
    """Standard output as a terminal has it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colours_are_welcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


def test_a_result_for_programs_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).result({"name": "Åsa"}, lambda: "words for people")
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({"name": "Åsa"}, "")


def test_a_note_never_mixes_with_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    Output().note("beside")
    Output().warning("careful")
    assert capsys.readouterr() == ("", "beside\nWarning: careful\n")


def test_an_escape_sequence_in_a_server_s_text_reaches_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    attack = "\x1b]0;owned\x07\x1b[2Jfake\u202e"
    Output().result({}, lambda: attack)
    Output().note(attack)
    Output().table([{"name": attack}], {"name": "Name"}, "")
    Output().error(Problem("x", attack, attack, attack, attack))
    out, err = capsys.readouterr()
    for text in (out, err):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "⟦U+001B⟧" in text


def test_a_line_feed_in_a_cell_fakes_no_row(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table([{"name": "a\nagt_fake\tactive"}], {"name": "Name"}, "")
    assert capsys.readouterr().out == "Name\na⟦U+000A⟧agt_fake⟦U+0009⟧active\n"


def test_a_table_in_a_pipe_is_tab_separated(capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"id": "agt_1", "roles": ["owner", "admin"], "seen": None}]
    Output().table(items, {"id": "ID", "roles": "Roles", "seen": "Seen"}, "nobody")
    assert capsys.readouterr().out == "ID\tRoles\tSeen\nagt_1\towner, admin\t-\n"


def test_an_empty_table_says_so_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table([], {"id": "ID"}, "Nobody is here.")
    assert capsys.readouterr() == ("", "Nobody is here.\n")


EMPTY = {
    "absences list": "absences add PERSON_ID",
    "agents list": "agents invite NAME",
    "channels list": "channels set NAME FILE",
    "deliveries": "channels list",
    "groups list": "groups apply FILE",
    "people pending": "people invite NAME",
    "policies drafts": "policies second-person on",
    "policies list": "policies apply FILE",
    "relying-parties list": "relying-parties put DOMAIN",
    "routes list": "routes apply FILE",
    "schedules list": "schedules apply FILE",
    "signals list": "signals declare NAME",
    "trusted-hubs list": "trusted-hubs add NAME",
}
"""Every list that is empty on a new hub, and the one command that it names."""


def test_every_empty_list_says_what_why_and_one_command(call: Call) -> None:
    wrong = {}
    for words, command in EMPTY.items():
        said = call(*words.split(), "--plain").err.partition("\n")[0]
        # What: why. What to do: a command.
        told = re.fullmatch(r"[^:]+: [^:]+\. [^:.]+: approvals-hub ([^:]+)", said)
        if told is None or not told[1].startswith(command):
            wrong[words] = said
    assert wrong == {}


def test_a_table_for_programs_has_every_member(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).table([{"id": 1, "more": 2}], {"id": "ID"}, "")
    assert json.loads(capsys.readouterr().out) == {"items": [{"id": 1, "more": 2}]}


@pytest.mark.parametrize(
    ("output", "environment", "rich"),
    [
        (Output(), {}, True),
        (Output(plain=True), {}, False),
        (Output(as_json=True), {}, False),
        (Output(), {"NO_COLOR": ""}, False),
        (Output(), {"TERM": "dumb"}, False),
    ],
)
def test_colours_and_boxes_only_where_they_are_welcome(
    output: Output, environment: dict[str, str], rich: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with redirect_stdout(Terminal()):
        assert output.rich is rich


def test_a_terminal_gets_a_table_with_its_attack_made_visible() -> None:
    with redirect_stdout(Terminal()) as terminal:
        Output().table([{"name": "[bold]x\x1b[2J"}], {"name": "Name"}, "")
    assert "[bold]x⟦U+001B⟧[2J" in terminal.getvalue()


def test_a_picture_of_the_link_only_where_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    with redirect_stdout(Terminal()) as terminal:
        Output().qr("https://approvals.example.com/app/enrol#inv_x")
        wide = terminal.getvalue()
        monkeypatch.setenv("COLUMNS", "20")
        Output().qr("https://approvals.example.com/app/enrol#inv_x")
        assert terminal.getvalue() == wide
    assert "▀" in wide


def test_no_picture_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    Output().qr("https://approvals.example.com")
    assert capsys.readouterr().out == ""


def test_an_error_says_what_where_what_to_do_and_which_request(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("port", "the port is taken", "Choose another.", "listen.port", "req_1")
    Output().error(problem)
    assert capsys.readouterr().err == (
        "Error: the port is taken\nWhere: listen.port\nWhat to do: Choose another.\n"
        "Request: req_1 (the hub's log tells more)\n"
    )
    Output(as_json=True).error(problem)
    told = json.loads(capsys.readouterr().out)["error"]
    assert (told["code"], told["next_step"], told["request_id"]) == ("port", "Choose another.", "req_1")


def test_a_status_line_in_a_pipe_is_a_line_for_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    with Output().status() as tell:
        for text in ("waiting · 0:10 left", "waiting · 0:09 left", "seen · 0:08 left"):
            tell(text)
    assert capsys.readouterr().err == "waiting\nseen\n"


def test_a_status_line_on_a_terminal_is_one_line_with_its_attack_made_visible() -> None:
    with redirect_stderr(Terminal()) as terminal, redirect_stdout(Terminal()), Output().status() as tell:
        tell("waiting\x1b]0;x\x07 · 0:10 left")
    assert "]0;x\x07" not in terminal.getvalue()


def test_texts_hide_nothing_but_keep_their_lines() -> None:
    assert shown("a\nb\u200b", lines=True) == "a\nb⟦U+200B⟧"
    assert (cell(None), cell([]), cell(3)) == ("-", "-", "3")
