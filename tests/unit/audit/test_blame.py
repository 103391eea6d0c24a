"""What is said of the first line that is not the expected one."""

from __future__ import annotations

import pytest

from approvals_hub.audit.blame import blame_entry, blame_line
from approvals_hub_client.tree import leaf_hash
from tests.unit.audit.made_export import LOG, body, entry_line

HASHES = [leaf_hash(body(index)) for index in range(256)]
END = LOG.lines()[-1]


@pytest.mark.parametrize(
    ("line", "rest", "kind"),
    [
        pytest.param(b"", [], "cut", id="nothing"),
        pytest.param(b"rubbish\n", [], "edited", id="rubbish"),
        pytest.param(END, [], "missing", id="the end"),
        pytest.param(entry_line(5, b'{"other":1}'), [], "edited", id="another text"),
        pytest.param(entry_line(5, body(9)), [], "reordered", id="another entry under its number"),
        pytest.param(entry_line(4, body(4)), [], "reordered", id="an earlier entry"),
        pytest.param(
            entry_line(6, body(6)), [entry_line(5, body(5))], "reordered", id="a later one, and it after that"
        ),
        pytest.param(entry_line(6, body(6)), [entry_line(7, body(7))], "missing", id="a later one, and it nowhere"),
        pytest.param(entry_line(5, body(5)).replace(b":", b": ", 1), [], "edited", id="itself in another spelling"),
    ],
)
def test_the_place_of_entry_5_is_taken_by(line: bytes, rest: list[bytes], kind: str) -> None:
    bad = blame_entry(5, line, HASHES, rest)
    assert (bad.kind, bad.index) == (kind, 5)


def test_looking_for_a_moved_entry_ends_with_its_tile() -> None:
    rest = iter([entry_line(index, body(index)) for index in range(7, 1000)])
    assert blame_entry(5, entry_line(6, body(6)), HASHES, rest).kind == "missing"
    assert len(list(rest)) == 1000 - 7 - 256


def test_an_entry_after_its_tile_was_shown_before() -> None:
    bad = blame_line(entry_line(3, body(3)), 5, 6)
    assert (bad.kind, bad.index, bad.why) == ("unexpected", 3, "entry 3 is shown again")


def test_an_entry_after_its_tile_was_not_announced() -> None:
    assert blame_line(entry_line(9, body(9)), 5, 6).why == "entry 9 is shown but not announced"


def test_a_line_of_something_else_is_named_by_the_entry_before_it() -> None:
    assert blame_line(b"x\n", 5, 6).why == "the line after entry 5 is none of an export"
