"""Break-glass as a noun."""

from __future__ import annotations

from approvals_hub.changes.break_glass import COLUMNS, BreakGlass, break_glass_unknown, of

ROW = dict.fromkeys(BreakGlass.__struct_fields__) | {"id": "brk_1", "state": "asked"}


def test_a_stored_row_is_read_whole() -> None:
    assert of(ROW).id == "brk_1"
    assert COLUMNS.split(", ") == list(BreakGlass.__struct_fields__)


def test_it_is_live_until_it_is_used_or_ended() -> None:
    states = ("asked", "open", "used", "ended")
    assert [of({**ROW, "state": state}).live for state in states] == [True, True, False, False]


def test_one_of_another_organisation_is_as_unknown_as_none() -> None:
    assert break_glass_unknown().code == "break_glass_unknown"
