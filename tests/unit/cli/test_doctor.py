"""`approvals-hub doctor`."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from approvals_hub.cli.doctor import look, look_serving
from approvals_hub.config import Settings, load
from approvals_hub.core.sealing import read_key_file, with_new_active, write_key_file
from approvals_hub.db.folder import DataFolderLock
from tests.unit.cli.conftest import Call


def wrong(settings: Settings) -> dict[str, str]:
    """What is not in order, and what to do."""
    return {finding.check: f"{finding.detail} {finding.fix}" for finding in look(settings) if not finding.ok}


def test_a_new_hub_is_in_order(settings: Settings, call: Call) -> None:
    assert wrong(settings) == {}
    done = call("doctor")
    assert done.status == 0
    assert all(line.startswith("ok") for line in done.out.splitlines())
    assert "fewer than two working ones for approvers" in done.out
    assert "attempts are kept for 30 days" in done.out
    assert [check["check"] for check in call("doctor", "--json").json["checks"]] == [
        "python",
        "clock",
        "public_url",
        "folder",
        "key_file",
        "database",
        "hub",
        "signing_keys",
        "audit_log",
        "channels",
        "delivery_log",
        "http",
    ]


def test_a_look_at_whether_it_serves_opens_no_hub_and_fails_where_nobody_answers(settings: Settings) -> None:
    # A port that somebody has and nobody listens on: whoever calls it is refused.
    with DataFolderLock(settings.data), socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        before = {path: path.stat().st_mtime_ns for path in settings.data.rglob("*")}
        given = {"data": settings.data, "listen.port": port.getsockname()[1]}
        found = look_serving(load(None, {}, given))
        assert {path: path.stat().st_mtime_ns for path in settings.data.rglob("*")} == before
    assert (found.check, found.ok) == ("http", False)
    assert "does not answer" in found.detail


def test_a_whole_look_says_where_it_found_no_hub_that_serves_and_calls_it_no_fault(settings: Settings) -> None:
    # One may serve all the same, at a port that it was given when it was started.
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        number = port.getsockname()[1]
        found = list(look(load(None, {}, {"data": settings.data, "listen.port": number})))[-1]
    assert (found.check, found.ok, found.detail) == ("http", True, f"127.0.0.1:{number} does not answer now")


def test_a_folder_without_a_hub_says_how_to_make_one(tmp_path: Path) -> None:
    assert "approvals-hub init" in wrong(load(None, {}, {"data": tmp_path}))["hub"]


def test_an_open_folder_and_an_open_key_file_are_named(settings: Settings) -> None:
    settings.data.chmod(0o755)
    settings.key_file.chmod(0o644)
    found = wrong(settings)
    assert f"chmod 700 {settings.data}" in found["folder"]
    assert f"chmod 600 {settings.key_file}" in found["key_file"]


def test_a_rotation_that_did_not_finish_is_named(settings: Settings) -> None:
    write_key_file(settings.key_file, with_new_active(read_key_file(settings.key_file)))
    assert "keys rotate --kek" in wrong(settings)["key_file"]


@pytest.mark.parametrize("damage", ["missing", "torn"])
def test_a_database_that_is_not_whole_is_named(settings: Settings, damage: str) -> None:
    path = settings.data / "hub.db"
    raw = path.read_bytes()
    path.unlink()
    if damage == "torn":
        path.write_bytes(raw[: len(raw) // 2])
    assert "approvals-hub db" in wrong(settings)["database"]


def test_a_server_that_is_not_there_is_named(settings: Settings, tmp_path: Path) -> None:
    (settings.data / "hub.toml").write_text("[database]\nurl = 'postgresql://127.0.0.1:1/none'\n")
    assert "database.url" in wrong(load(None, {}, {"data": settings.data}))["database"]


def test_a_channel_of_the_settings_that_nobody_answers_for_is_named_and_nothing_was_sent(settings: Settings) -> None:
    table = "[channels.post]\nkind = 'smtp'\nhost = '127.0.0.1'\nport = 1\ntls = 'none'\nsender = 'ops@example.com'\n"
    (settings.data / "hub.toml").write_text(table)
    found = wrong(load(None, {}, {"data": settings.data}))
    assert "smtp: the server cannot be reached" in found["channel post"]
