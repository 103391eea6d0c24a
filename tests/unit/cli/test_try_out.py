"""The command in front of the demo; the demo itself is in tests/flows."""

from __future__ import annotations

from tests.unit.cli.conftest import Call


def test_the_demo_says_what_it_does(free_call: Call) -> None:
    done = free_call("demo", "--help")
    assert done.status == 0
    assert "--auto" in done.out
    assert "a pretend BankID, without an account anywhere" in " ".join(done.out.split())
