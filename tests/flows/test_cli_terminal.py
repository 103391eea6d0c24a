"""At a real terminal: a picture for the phone, a live line, a question before what cannot be undone."""

from __future__ import annotations

import os
import pty
import select
from pathlib import Path

import pytest

from tests.flows.commands import SECONDS, Commands
from tests.flows.forked import Forked


def at_terminal(commands: Commands, *words: str, typed: str = "", **environment: str) -> tuple[int, str]:
    """The status and everything that the terminal of 120 columns showed."""
    terminal, inner = pty.openpty()
    env = commands.env(TERM="xterm-256color", **{"COLUMNS": "120", **environment})
    with os.fdopen(inner, "r+b", buffering=0) as theirs:
        process = Forked(words, env, commands.data.parent, terminal=theirs)
    shown = b""
    try:
        if typed:
            while b"[y/N]" not in shown:
                shown += _read(terminal)
            os.write(terminal, typed.encode())
        while piece := _read(terminal):
            shown += piece
    finally:
        os.close(terminal)
    return process.wait(SECONDS), shown.decode()


def _read(terminal: int) -> bytes:
    ready, _, _ = select.select([terminal], [], [], SECONDS)
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


def test_a_link_for_a_phone_is_shown_as_a_picture_and_as_text(commands: Commands) -> None:
    status, shown = at_terminal(commands, "init", "--public-url", "https://approvals.example.com")
    assert status == 0
    assert "▀" in shown
    assert "https://approvals.example.com/app/enrol#inv_" in shown


@pytest.mark.parametrize("how", ["plain", "no_color", "narrow"])
def test_without_a_picture_the_text_is_still_there(commands: Commands, how: str) -> None:
    words = ["--plain"] if how == "plain" else []
    environment = {"no_color": {"NO_COLOR": "1"}, "narrow": {"COLUMNS": "30"}}.get(how, {})
    _, shown = at_terminal(commands, "init", "--public-url", "https://approvals.example.com", *words, **environment)
    assert "▀" not in shown
    assert "\x1b" not in shown
    assert "/app/enrol#inv_" in shown


def test_a_link_for_this_computer_is_no_picture(commands: Commands) -> None:
    assert "▀" not in at_terminal(commands, "init")[1]


def test_a_no_before_what_cannot_be_undone_changes_nothing(commands: Commands) -> None:
    commands.json("init")
    agent_id = commands.json("agents", "api-key", "tool")["agent_id"]
    status, shown = at_terminal(commands, "agents", "revoke", agent_id, typed="n\n")
    assert (status, "Interrupted" in shown) == (130, True)
    assert at_terminal(commands, "agents", "revoke", agent_id, typed="y\n")[0] == 0
    assert commands.json("agents", "list")["items"][0]["state"] == "revoked"
