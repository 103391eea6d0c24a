"""Order and chain of the entries that are about to be sealed; every way to touch them in between."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.audit.batch import ChainBroken, Run, Written, by_writer, check, in_order, runs
from approvals_hub.audit.entry import NO_MAC, Chain
from approvals_hub_client.tree import leaf_hash

CHAIN = Chain(bytes(range(32)))


def written(writer: str, count: int, *, first: int = 0, org_id: str = "org_1", before: bytes = NO_MAC) -> list[Written]:
    entries = []
    for seq in range(first, first + count):
        body = json.dumps({"org_id": org_id, "seq": seq, "writer": writer}).encode()
        before = CHAIN.next(before, body)
        entries.append(Written(writer, seq, 1000 + seq, body, before))
    return entries


def refused(entries: list[Written], before: dict[str, bytes] | None = None) -> tuple[str, int, str]:
    with pytest.raises(ChainBroken) as caught:
        check("org_1", entries, {"a": NO_MAC, "b": NO_MAC} if before is None else before, CHAIN)
    return caught.value.writer, caught.value.seq, caught.value.why


def test_untouched_entries_give_their_leaf_hashes_in_order() -> None:
    entries = written("a", 3)
    assert check("org_1", entries, {"a": NO_MAC}, CHAIN) == [leaf_hash(entry.body) for entry in entries]


def test_a_writer_goes_on_from_the_mac_of_what_is_sealed() -> None:
    first, *rest = written("a", 3)
    assert len(check("org_1", rest, {"a": first.mac}, CHAIN)) == 2


def test_a_deleted_entry_is_a_hole_that_is_named() -> None:
    entries = written("a", 4)
    assert refused([*entries[:2], entries[3]]) == ("a", 2, "an entry is missing")


def test_a_deleted_first_entry_is_a_hole_that_is_named() -> None:
    assert refused(written("a", 3)[1:], {}) == ("a", 0, "an entry is missing")


def test_an_edited_entry_is_named() -> None:
    entries = written("a", 3)
    entries[1] = Written("a", 1, 1001, entries[1].body.replace(b"org_1", b"org_2"), entries[1].mac)
    assert refused(entries) == ("a", 1, "an entry was changed after it was written")


def test_an_entry_made_without_the_key_is_named() -> None:
    entries = written("a", 2)
    entries[1] = Written("a", 1, 1001, entries[1].body, Chain(bytes(32)).next(entries[0].mac, entries[1].body))
    assert refused(entries) == ("a", 1, "an entry was changed after it was written")


def test_two_exchanged_entries_are_found_at_the_first() -> None:
    one, two, three = written("a", 3)
    swapped = [one, Written("a", 1, two.at, three.body, three.mac), Written("a", 2, three.at, two.body, two.mac)]
    assert refused(swapped)[:2] == ("a", 1)


def test_the_entries_of_another_organisation_do_not_pass_for_ones_of_this() -> None:
    assert refused(written("a", 2, org_id="org_2")) == ("a", 0, "an entry was moved here from elsewhere")


def test_a_chain_under_another_writers_name_is_refused() -> None:
    entries = [Written("b", entry.seq, entry.at, entry.body, entry.mac) for entry in written("a", 2)]
    assert refused(entries) == ("b", 0, "an entry was moved here from elsewhere")


def test_an_old_entry_that_is_put_in_again_is_refused() -> None:
    first, second = written("a", 2)
    assert refused([Written("a", 2, 1002, second.body, second.mac)], {"a": second.mac})[:2] == ("a", 2)
    assert refused([first, second, Written("a", 2, 1002, first.body, first.mac)])[:2] == ("a", 2)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=40))
def test_the_order_is_by_time_and_keeps_each_writers_sequence(made: list[tuple[str, int]]) -> None:
    counts = {"a": 0, "b": 0, "c": 0}
    entries = []
    for writer, at in made:
        entries.append(Written(writer, counts[writer], at, b"", b""))
        counts[writer] += 1
    ordered = in_order(entries)
    assert sorted(ordered, key=lambda entry: (entry.writer, entry.seq)) == sorted(
        entries, key=lambda entry: (entry.writer, entry.seq)
    )
    for mine in by_writer(ordered).values():
        assert [entry for entry in ordered if entry.writer == mine[0].writer] == mine


def test_entries_of_two_writers_are_merged_by_time() -> None:
    ordered = in_order([*written("b", 2), *written("a", 2)])
    assert [(entry.writer, entry.seq) for entry in ordered] == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_one_writers_entries_are_one_run() -> None:
    assert runs(written("a", 500, first=7), 100) == [Run("a", 7, 506, 93)]


@given(st.lists(st.sampled_from("ab"), max_size=30))
def test_runs_give_every_entry_its_place(writers: list[str]) -> None:
    counts = {"a": 3, "b": 9}
    entries = []
    for writer in writers:
        entries.append(Written(writer, counts[writer], 0, b"", b""))
        counts[writer] += 1
    places = {(run.writer, seq): seq + run.shift for run in runs(entries, 40) for seq in range(run.first, run.last + 1)}
    assert places == {(entry.writer, entry.seq): index for index, entry in enumerate(entries, 40)}
