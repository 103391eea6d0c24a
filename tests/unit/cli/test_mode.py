"""`approvals-hub mode`: which there are, and which one holds."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_modes_are_defined_and_one_is_set(call: Call) -> None:
    assert call("mode", "get").out == "The mode is normal. Others: none; the usual one is normal.\n"
    assert call("mode", "define", "normal", "lockdown", "--usual", "normal").status == 0
    made = call("mode", "set", "lockdown", "--reason", "a hunch", "--stays")
    assert made.out == "The mode is lockdown until somebody ends it. Others: normal; the usual one is normal.\n"
    found = call("mode", "get", "--json").json
    assert (found["mode"], found["known"], found["since"][-1]) == ("lockdown", ["normal", "lockdown"], "Z")
    assert call("mode", "set", "lockdwn", "--reason", "x", "--for", "1h").status != 0
