"""`approvals-hub channels` and `deliveries`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call

SMTP = (
    'kind = "smtp"\nhost = "mail.example"\nsender = "ops@example.com"\nusername = "ops"\npassword_file = "password"\n'
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "password").write_text("canary-password\n")
    (tmp_path / "post.toml").write_text(SMTP)
    return str(tmp_path / "post.toml")


def test_a_channel_is_set_up_from_a_file_listed_shown_and_deleted(call: Call, file: str) -> None:
    assert "version 1" in call("channels", "set", "post", file, "--plain").out
    shown = call("channels", "show", "post", "--json")
    assert (shown.json["kind"], shown.json["has_secret"], shown.json["settings"]["username"]) == ("smtp", True, "ops")
    assert "canary-password" not in shown.out
    listed = call("channels", "list", "--plain")
    assert "post" in listed.out
    assert "approvers: told on 0 working channels" in listed.err
    assert [each["name"] for each in call("channels", "list", "--json").json["items"]] == ["post"]
    assert call("channels", "delete", "post", "--yes").status == 0
    assert "channels set NAME FILE" in call("channels", "list", "--plain").err


def test_a_secret_is_read_from_a_file_and_never_taken_from_the_command_line(
    call: Call, file: str, tmp_path: Path
) -> None:
    call("channels", "set", "post", file)
    before = call("channels", "show", "post", "--json").json
    (tmp_path / "other").write_text("canary-second\n")
    done = call("channels", "set", "post", file, "--secret", f"password=@{tmp_path / 'other'}", "--json")
    assert (done.json["version"], done.json["fingerprint"] != before["fingerprint"]) == (2, True)
    refused = call("channels", "set", "post", file, "--secret", "password=canary-typed")
    assert refused.status == 2
    assert "never from an option" in refused.err


def test_a_wrong_setting_is_named_with_the_nearest(call: Call, file: str) -> None:
    Path(file).write_text(SMTP.replace("host =", "hots ="))
    done = call("channels", "set", "post", file)
    assert done.status == 1
    assert "Did you mean host?" in done.err
    Path(file).write_text("kind = ")
    assert call("channels", "set", "post", file).status == 2


def test_a_test_message_needs_somebody_who_is_told(call: Call, file: str) -> None:
    call("channels", "set", "post", file)
    done = call("channels", "test", "post")
    assert done.status == 1
    assert "say who is told" in done.err


def test_the_delivery_log_is_listed(call: Call) -> None:
    assert call("deliveries", "--json", "--status", "later").json == {"items": [], "next": None}
    assert "Nobody was told" in call("deliveries", "--plain").err
    assert call("deliveries", "--since", "noon").status == 1


def test_what_is_not_in_the_log_is_not_sent_again_and_options_are_not_silently_left_out(call: Call) -> None:
    done = call("deliveries", "retry", "dlv_0")
    assert done.status == 1
    assert "no such attempt" in done.err
    assert call("deliveries", "--status", "later", "retry", "dlv_0").status == 2


def test_how_much_messages_say_is_shown_and_changed(call: Call) -> None:
    assert set(call("channels", "disclosure", "--json").json.values()) == {"minimal"}
    assert call("channels", "disclosure", "--push", "sealed", "--chat=summary", "--json").json["push"] == "sealed"
    assert "summary" in call("channels", "disclosure", "--plain").out
    assert call("channels", "disclosure", "--mail", "sealed").status == 2
