"""The lines of a file of evidence."""

from __future__ import annotations

import pytest

from approvals_hub.decisions.evidence_format import FORMAT, Count, End, Header, Line, line_of, read_line

HEADER = Header(format=FORMAT, org_id="org_1", created="2026-11-21T01:40:28.123Z", query={})


def test_a_line_is_read_as_it_was_written() -> None:
    assert read_line(line_of(Line(header=HEADER))).header == HEADER


@pytest.mark.parametrize("line", [b"", b"[]\n", b'{"header":{}}\n', b'{"other":1}\n', b"\xff\n"])
def test_another_line_is_none(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a line"):
        read_line(line)


def test_the_last_line_counts_what_is_before_it_and_hashes_it() -> None:
    one, two = Count(), Count()
    one.add(b"a")
    two.add(b"b")
    assert (one.end().answers, one.end().erased) == (0, 0)
    assert one.end() != two.end()
    assert (
        read_line(line_of(Line(end=one.end()))).end
        == one.end()
        == End(**{name: getattr(one.end(), name) for name in ("answers", "erased", "digest")})
    )
