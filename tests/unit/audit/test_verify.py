"""The offline verification against whoever changes an export, with and without the log's key."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals_hub.audit.export_format import checkpoint_line, read_line, tile_line
from approvals_hub.audit.verify import verify
from approvals_hub_client.tree import leaf_hash
from tests.unit.audit.made_export import KEY, LOG, PART, body, checked, entry_line, first_bad, place, signer

WHOLE = LOG.lines()
SOME = PART.lines()
LAST_TILE = next(number for number, line in enumerate(WHOLE) if line.startswith(b'{"tile":{"index":2'))


def without(lines: list[bytes], *numbers: int) -> list[bytes]:
    return [line for number, line in enumerate(lines) if number not in numbers]


def with_line(lines: list[bytes], number: int, line: bytes) -> list[bytes]:
    return [*lines[:number], line, *lines[number + 1 :]]


def test_an_untouched_export_verifies() -> None:
    report = checked(WHOLE)
    assert (report.ok, report.entries, report.checkpoints, report.first, report.last) == (True, 600, 5, 0, 599)


def test_an_untouched_part_verifies() -> None:
    report = checked(SOME)
    assert (report.ok, report.entries, report.first, report.last) == (True, 5, 256, 599)


def test_an_export_believed_by_its_own_key_says_so() -> None:
    report = checked(WHOLE, keys=())
    assert (report.ok, report.pinned, report.keys) == (True, False, [KEY])


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, 599])
def test_an_edited_entry_is_named(index: int) -> None:
    edited = entry_line(index, body(index).replace(b"opened", b"closed"))
    assert first_bad(with_line(WHOLE, place(WHOLE, index), edited)) == ("edited", index)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, 599])
def test_a_deleted_entry_is_named(index: int) -> None:
    assert first_bad(without(WHOLE, place(WHOLE, index))) == ("missing", index)


@pytest.mark.parametrize("index", [0, 300, 598])
def test_a_deletion_behind_which_the_entries_were_numbered_anew_is_named(index: int) -> None:
    lines = list(WHOLE)
    for number in range(index, 599):
        if number % 256 != 255:
            lines[place(WHOLE, number)] = entry_line(number, body(number + 1))
    assert first_bad(lines)[1] == index


@pytest.mark.parametrize(("one", "other"), [(0, 1), (100, 101), (100, 200), (255, 256), (3, 599)])
def test_two_exchanged_entries_are_named_at_the_first(one: int, other: int) -> None:
    lines = list(WHOLE)
    lines[place(WHOLE, one)], lines[place(WHOLE, other)] = lines[place(WHOLE, other)], lines[place(WHOLE, one)]
    kind, index = first_bad(lines)
    assert index == one
    assert kind in {"reordered", "missing"}


def test_neighbours_exchanged_with_their_numbers_kept_in_order_are_reordered() -> None:
    lines = with_line(WHOLE, place(WHOLE, 100), entry_line(100, body(101)))
    lines[place(WHOLE, 101)] = entry_line(101, body(100))
    assert first_bad(lines) == ("reordered", 100)


def test_an_entry_shown_twice_is_named() -> None:
    lines = [*WHOLE[: place(WHOLE, 100)], WHOLE[place(WHOLE, 99)], *WHOLE[place(WHOLE, 100) :]]
    assert first_bad(lines) == ("reordered", 100)


def test_an_entry_shown_again_after_its_tile_is_named() -> None:
    lines = [*WHOLE[:LAST_TILE], WHOLE[place(WHOLE, 400)], *WHOLE[LAST_TILE:]]
    assert first_bad(lines) == ("unexpected", 400)


def test_an_entry_put_in_at_the_end_is_named() -> None:
    assert first_bad([*WHOLE[:-1], entry_line(600, body(600)), WHOLE[-1]]) == ("unexpected", 600)


def test_an_entry_in_another_spelling_is_named() -> None:
    line = WHOLE[place(WHOLE, 7)].replace(b',"entry":', b', "entry":')
    assert first_bad(with_line(WHOLE, place(WHOLE, 7), line)) == ("edited", 7)


def test_a_line_that_is_no_json_is_named() -> None:
    assert first_bad(with_line(WHOLE, place(WHOLE, 7), b"\xff\n")) == ("edited", 7)


def rewritten(index: int) -> list[bytes]:
    """An entry and its tile changed together, as the owner of the database could; nobody has the key."""
    bodies = [*LOG.bodies[:index], body(index).replace(b"opened", b"closed"), *LOG.bodies[index + 1 :]]
    tile = read_line(WHOLE[1]).tile
    assert tile is not None
    hashes = bytearray(tile.hashes)
    hashes[index * 32 : index * 32 + 32] = leaf_hash(bodies[index])
    lines = with_line(WHOLE, 1, tile_line(type(tile)(0, bytes(hashes))))
    lines[place(WHOLE, index)] = entry_line(index, bodies[index])
    return lines


@pytest.mark.parametrize(("index", "interval"), [(0, (0, 100)), (99, (0, 100)), (100, (100, 256)), (255, (100, 256))])
def test_an_entry_rewritten_with_its_tile_is_caught_in_the_first_interval_that_fails(
    index: int, interval: tuple[int, int]
) -> None:
    bad = checked(rewritten(index)).first_bad
    assert bad is not None
    assert (bad.kind, (bad.index, bad.end)) == ("interval", interval)


def test_a_rewritten_tile_without_its_checkpoints_is_caught_at_the_head() -> None:
    lines = [line for line in rewritten(5) if not line.startswith(b'{"checkpoint"')]
    bad = checked(lines).first_bad
    assert bad is not None
    assert (bad.kind, bad.index, bad.end) == ("interval", 0, 600)


def test_a_tile_rewritten_alone_is_named_at_its_entry() -> None:
    lines = with_line(rewritten(5), place(WHOLE, 5), WHOLE[place(WHOLE, 5)])
    assert first_bad(lines) == ("edited", 5)


def test_a_whole_tile_left_out_is_named_at_its_first_entry() -> None:
    second = next(number for number, line in enumerate(WHOLE) if line.startswith(b'{"tile":{"index":1'))
    assert first_bad([*WHOLE[:second], *WHOLE[LAST_TILE:]]) == ("missing", 256)


def test_the_last_tile_left_out_is_named_at_its_first_entry() -> None:
    assert first_bad([*WHOLE[:LAST_TILE], WHOLE[-1]]) == ("missing", 512)


def test_a_file_cut_at_its_end_is_no_export() -> None:
    assert first_bad(WHOLE[:-1]) == ("cut", 600)


def test_a_file_cut_between_two_entries_names_the_first_that_is_gone() -> None:
    assert first_bad(WHOLE[: place(WHOLE, 300)]) == ("cut", 300)


def test_a_file_cut_within_an_entry_names_it() -> None:
    lines = WHOLE[: place(WHOLE, 300) + 1]
    assert first_bad([*lines[:-1], lines[-1][:-5]]) == ("edited", 300)


def test_a_checkpoint_left_out_is_missed_by_the_signed_end() -> None:
    number = next(number for number, line in enumerate(WHOLE) if line.startswith(b'{"checkpoint"'))
    assert first_bad(without(WHOLE, number)) == ("end", None)


def test_a_checkpoint_shown_twice_is_out_of_place() -> None:
    number = next(number for number, line in enumerate(WHOLE) if line.startswith(b'{"checkpoint"'))
    assert first_bad([*WHOLE[:number], WHOLE[number], *WHOLE[number:]]) == ("checkpoint", 100)


def test_a_checkpoint_signed_by_another_key_is_not_believed() -> None:
    number = next(number for number, line in enumerate(WHOLE) if line.startswith(b'{"checkpoint"'))
    forged = checkpoint_line(LOG.changed(signer=signer(2)).checkpoint(100))
    assert first_bad(with_line(WHOLE, number, forged)) == ("checkpoint", 0)


def test_a_file_cut_back_with_a_newer_header_is_caught() -> None:
    shorter = LOG.changed(bodies=LOG.bodies[:300], seals=[100, 256, 300]).lines()
    assert first_bad([WHOLE[0], *shorter[1:]])[0] == "tile"


def test_a_header_that_was_changed_is_caught_by_the_signed_end() -> None:
    assert first_bad(with_line(WHOLE, 0, WHOLE[0].replace(b"2026-01-01", b"2025-01-01"))) == ("end", None)


def test_a_part_passed_off_as_everything_is_caught() -> None:
    lines = with_line(SOME, 0, SOME[0].replace(b'{"agent":"agt_1"}', b"{}"))
    assert first_bad(lines) == ("tile", 256)


def test_the_end_of_another_export_is_caught() -> None:
    assert first_bad([*WHOLE[:-1], SOME[-1]]) == ("end", None)


def test_a_checkpoint_does_not_pass_for_the_end() -> None:
    text = checkpoint_line(LOG.checkpoint(600)).replace(b'"checkpoint"', b'"end"')
    assert first_bad([*WHOLE[:-1], text]) == ("end", None)


def test_something_after_the_end_is_caught() -> None:
    assert first_bad([*WHOLE, WHOLE[5]]) == ("end", None)


@pytest.mark.parametrize("index", [256, 290, 599])
def test_an_entry_left_out_of_a_part_is_named(index: int) -> None:
    assert first_bad(without(SOME, place(SOME, index))) == ("missing", index)


def test_an_entry_left_out_of_a_part_and_its_bitmap_is_missed_by_the_signed_end() -> None:
    fewer = PART.changed(shown={256, 257, 400, 599}).lines()
    assert first_bad([*fewer[:-1], SOME[-1]]) == ("end", None)


def test_an_edited_entry_of_a_part_is_named() -> None:
    edited = entry_line(290, body(290).replace(b"opened", b"closed"))
    assert first_bad(with_line(SOME, place(SOME, 290), edited)) == ("edited", 290)


def test_a_range_proof_that_was_changed_is_caught() -> None:
    header = read_line(SOME[0]).header
    assert header is not None
    forged = SOME[0].replace(b64encode(header.before[0]), b64encode(bytes(32)))
    assert first_bad(with_line(SOME, 0, forged)) == ("interval", 256)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"start":0', b'"start":1'),
        (b'"start":0', b'"start":-256'),
        (b'"start":0', b'"start":256'),
        (b'"end":600', b'"end":599'),
        (b'"end":600', b'"end":1024'),
        (b'"size":600', b'"size":601'),
        (b'"size":600', b'"size":9223372036854775807'),
        (b"approvals-hub.audit-export.v1", b"approvals-hub.audit-export.v2"),
        (b'"before":[]', b'"before":["AAAA"]'),
        (b'"after":[]', b'"after":[""]'),
        (b'"keys":[', b'"keys":["x",'),
        (b'{"header":{', b'{"header":{"more":1,'),
    ],
)
def test_a_header_that_says_something_impossible_is_refused(old: bytes, new: bytes) -> None:
    assert old in WHOLE[0]
    assert not checked(with_line(WHOLE, 0, WHOLE[0].replace(old, new)), keys=()).ok


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\n", b"{" * 100, b"id,kind\n", b"\x00" * 100])
def test_a_file_of_another_kind_is_no_export(content: bytes) -> None:
    report = verify(BytesIO(content), keys=[KEY])
    assert report.first_bad is not None
    assert report.first_bad.kind == "header"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_byte_of_an_export_can_be_changed(data: st.DataObject) -> None:
    whole = b"".join(data.draw(st.sampled_from([WHOLE, SOME])))
    position = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(st.integers(0, 255).filter(lambda value: value != whole[position]))
    file = whole[:position] + bytes([changed]) + whole[position + 1 :]
    assert not verify(BytesIO(file), keys=[KEY]).ok


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=3), st.randoms())
def test_no_lines_of_an_export_can_be_left_out_or_exchanged(numbers: list[int], random: object) -> None:
    assert not checked(without(SOME, *{number % len(SOME) for number in numbers})).ok
