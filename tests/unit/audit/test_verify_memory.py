"""The offline verification needs no more memory for a longer log, nor for a file that wants to fill it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import RawIOBase

from approvals_hub.audit.verify import verify
from tests.unit.audit.made_export import KEY, LOG, body


class Endless(RawIOBase):
    """A file that never ends, of one line."""

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 < size <= 1 << 20
        return b"x" * size


def test_a_line_without_end_fills_no_memory() -> None:
    report = verify(Endless(), keys=[KEY])  # type: ignore[arg-type]
    assert report.first_bad is not None
    assert report.first_bad.kind == "header"


class Lines(RawIOBase):
    """A file made of lines that are kept by somebody else."""

    def __init__(self, lines: list[bytes]) -> None:
        self.rest: Iterator[bytes] = iter(lines)

    def readline(self, size: int | None = -1, /) -> bytes:
        return next(self.rest, b"")


def peak(entries: int) -> int:
    lines = LOG.changed(bodies=[body(index) for index in range(entries)], seals=[entries]).lines()
    tracemalloc.start()
    try:
        assert verify(Lines(lines), keys=[KEY]).ok  # type: ignore[arg-type]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_entries_need_no_more_memory() -> None:
    assert peak(10_000) < peak(1_000) * 1.5
