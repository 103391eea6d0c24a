"""The lines of an export are read in the one spelling in which they are written."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.audit.export_format import Count, Tile, end_line, read_end, read_entry, read_line, tile_line
from approvals_hub_client.note import NoteError
from tests.unit.audit.made_export import LOG, ORIGIN, OURS, PART, body, entry_line, signer

HASHES = bytes(range(32)) + bytes(32) + bytes([1]) * 32


@pytest.mark.parametrize("line", [line for line in PART.lines() if not line.startswith(b'{"index"')])
def test_a_line_that_is_written_is_read(line: bytes) -> None:
    assert read_line(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b'{"tile": {"index":0,"hashes":""}}\n',
        b'{"tile":{"hashes":"","index":0}}\n',
        b'{"tile":{"index":0,"hashes":""}}',
        b'{"tile":{"index":0,"hashes":""}}\r\n',
        b'{"tile":{"index":0,"hashes":"","shown":null}}\n',
        b'{"tile":{"index":0,"index":0,"hashes":""}}\n',
        b'{"tile":{"index":0,"hashes":"","more":1}}\n',
        b'{"checkpoint":"\\u0061"}\n',
        b'{"index":0,"entry":{}}\n',
        b"\xff\n",
    ],
)
def test_another_spelling_of_a_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"line of an export"):
        read_line(line)


def test_an_entry_keeps_its_exact_bytes() -> None:
    assert bytes(read_entry(entry_line(5, body(5))).entry) == body(5)


def test_a_tile_without_a_bitmap_shows_all_its_entries() -> None:
    assert list(Tile(2, HASHES).indexes()) == [512, 513, 514]


@given(st.sets(st.integers(0, 2)))
def test_a_bitmap_says_which_entries_follow(places: set[int]) -> None:
    bits = f"{sum(1 << place for place in places):x}"
    assert list(Tile(1, HASHES, bits).indexes()) == [256 + place for place in sorted(places)]


@pytest.mark.parametrize("bits", ["8", "-1", "x", "", "05", " 5", "0x5", "1_0", "A" * 3, "1" * 5000])
def test_a_bitmap_of_entries_that_the_tile_has_not_or_in_another_spelling_is_refused(bits: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - int() has several messages
        Tile(0, HASHES, bits).indexes()


def test_the_end_counts_what_the_tiles_show() -> None:
    count = Count()
    count.add(Tile(0, HASHES, "5"))
    end = count.end(b"header", {"agent": "agt_1"})
    assert (end.entries, end.first_hash, end.last_hash) == (2, HASHES[:32].hex(), HASHES[64:].hex())


def test_an_end_of_nothing_has_no_hashes() -> None:
    end = Count().end(b"header", {})
    assert (end.entries, end.first_hash, end.last_hash) == (0, "", "")


def signed_end() -> str:
    text: str = msgspec.json.decode(end_line(Count().end(b"header", {}), OURS))["end"]
    return text


def test_a_signed_end_is_read() -> None:
    assert read_end(signed_end(), ORIGIN, OURS.verifier) == Count().end(b"header", {})


def test_an_end_signed_by_another_key_is_refused() -> None:
    with pytest.raises(NoteError):
        read_end(signed_end(), ORIGIN, signer(2).verifier)


def test_an_end_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match="another log"):
        read_end(signed_end(), "hub.example/org_2", OURS.verifier)


def test_a_checkpoint_is_no_end() -> None:
    with pytest.raises(NoteError, match="another log"):
        read_end(LOG.checkpoint(1), ORIGIN, OURS.verifier)


def test_a_tile_line_is_one_line() -> None:
    assert tile_line(Tile(0, HASHES)).count(b"\n") == 1
