"""The table of commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from approvals_hub.cli.main import COMMANDS, cli, run
from tests.unit.cli.conftest import Call

HELP = Path(__file__).parents[2] / "contracts" / "help.txt"


def test_the_help_is_the_reviewed_one(free_call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert free_call("--help").out == HELP.read_text()


def test_every_command_of_the_table_exists_and_says_the_same_of_itself() -> None:
    context = click.Context(cli)
    for name, place in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert (command.help or "").startswith(place.help.rstrip("."))


def test_the_help_imports_no_hub_no_web_server_and_no_colours() -> None:
    code = (
        "import sys\nfrom approvals_hub.cli.main import run\nrun(['--help'])\n"
        "print([name for name in ('aiohttp', 'msgspec', 'rich', 'cryptography', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_status_2(free_call: Call) -> None:
    done = free_call("nonsense")
    assert (done.status, "No such command" in done.err) == (2, True)


def test_a_missing_option_is_status_2(free_call: Call) -> None:
    assert free_call("ask").status == 2


def test_the_version_is_that_of_the_package(free_call: Call) -> None:
    done = free_call("--version")
    assert done.status == 0
    assert done.out.count(".") == 2


def test_an_unexpected_error_is_a_message_unless_a_traceback_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["audit", "verify", str(tmp_path)]
    assert run(words) == 1
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("APPROVALS_HUB_TRACEBACK", "1")
    with pytest.raises(IsADirectoryError):
        run(words)


def test_a_reader_that_has_enough_ends_the_command_quietly(tmp_path: Path) -> None:
    words = f"{sys.executable} -m approvals_hub audit export --help | head -c 1"
    done = subprocess.run(words, shell=True, capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("U", "")
