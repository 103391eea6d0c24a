"""Options that many commands share."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import click
import pytest

from approvals_hub.cli.options import secret_from, settings, sure
from approvals_hub.cli.output import Output
from tests.unit.cli.conftest import Call


class Terminal(io.StringIO):
    """Standard input as a terminal has it."""

    def isatty(self) -> bool:
        return True


def answering(monkeypatch: pytest.MonkeyPatch, text: str, kind: type[io.StringIO] = Terminal) -> None:
    monkeypatch.setitem(__import__("sys").__dict__, "stdin", kind(text))


def test_what_cannot_be_undone_is_asked_about_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "n\n")
    with pytest.raises(click.Abort):
        sure(Output(), "Revoke?", yes=False)
    answering(monkeypatch, "y\n")
    sure(Output(), "Revoke?", yes=False)


@pytest.mark.parametrize(("output", "yes"), [(Output(), True), (Output(no_input=True), False), (Output(True), False)])
def test_who_said_so_is_not_asked(output: Output, yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "n\n")
    sure(output, "Revoke?", yes=yes)


def test_a_script_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "n\n", io.StringIO)
    sure(Output(), "Revoke?", yes=False)


def test_a_secret_comes_from_a_file_or_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("inv_x\n")
    assert secret_from(f"@{tmp_path}/secret") == "inv_x"
    answering(monkeypatch, "inv_y\nmore\n")
    assert secret_from("-") == "inv_y"


def test_a_pipe_is_not_asked_for_its_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "199001011239\n", io.StringIO)
    assert secret_from("-", "Personal number") == "199001011239"
    assert capsys.readouterr() == ("", "")


def test_a_secret_on_the_command_line_which_every_process_sees_is_refused() -> None:
    with pytest.raises(click.UsageError):
        secret_from("inv_x")


def test_the_command_line_wins_over_the_settings(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text("[listen]\nport = 1\n")
    assert settings(tmp_path, None, {"listen.port": None}).listen.port == 1
    assert settings(tmp_path, None, {"listen.port": 2}).listen.port == 2


def test_every_command_about_a_hub_takes_its_folder_and_its_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("public_url = 'http://localhost:9'\n")
    done = call("people", "list", "--config", str(tmp_path / "other.toml"))
    assert done.status == 0
    with redirect_stdout(io.StringIO()):
        assert call("people", "list", "--config", str(tmp_path / "none.toml")).status == 1
