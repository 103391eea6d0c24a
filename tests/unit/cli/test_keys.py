"""`approvals-hub keys`."""

from __future__ import annotations

from approvals_hub.config import Settings
from approvals_hub.core.sealing import read_key_file
from tests.unit.cli.conftest import Call


def test_the_keys_are_listed_with_what_they_sign(call: Call) -> None:
    purposes = [key["purpose"] for key in call("keys", "list", "--json").json["items"]]
    assert purposes == ["token", "log"]
    assert "k4.pid." in call("keys", "list").out


def test_a_new_key_says_from_when_on_it_signs(call: Call) -> None:
    told = call("keys", "rotate").out
    assert "signs tokens from 20" in told
    assert [key["state"] for key in call("keys", "list", "--json").json["items"]] == ["active", "published", "active"]


def test_the_key_file_is_rotated_and_its_copy_thought_of(call: Call, settings: Settings) -> None:
    before = read_key_file(settings.key_file).active
    assert "Replace the copy" in call("keys", "rotate", "--kek").out
    assert read_key_file(settings.key_file).active != before
    assert call("people", "list").status == 0


def test_a_key_that_is_unknown_cannot_be_compromised(call: Call) -> None:
    done = call("keys", "compromised", "k4.pid.unknown", "--yes")
    assert done.status == 1
    assert "approvals-hub keys list" in done.err


def test_a_compromised_key_signs_nothing_more(call: Call) -> None:
    kid = call("keys", "list", "--json").json["items"][0]["kid"]
    assert call("keys", "compromised", kid, "--json").json == {"kid": kid, "state": "compromised"}
