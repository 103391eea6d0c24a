"""Ids sort by time; secrets cannot be guessed."""

from __future__ import annotations

import re
import time

from approvals_hub.core.ids import first_id, new_id, new_secret


def test_an_id_is_its_prefix_and_26_characters_of_base32hex() -> None:
    assert re.fullmatch(r"esc_[0-9a-v]{26}", new_id("esc"))


def test_ids_of_later_milliseconds_sort_later() -> None:
    first = new_id("esc")
    began = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= began:
        pass
    assert first < new_id("esc")


def test_ids_of_the_same_millisecond_differ_and_sort_in_the_order_they_were_made() -> None:
    made = []
    for _ in range(10_000):
        # Four thousand steps make a millisecond: an id of the same step as the one before may sort either way.
        step = time.time_ns() * 4096 // 1_000_000
        while time.time_ns() * 4096 // 1_000_000 == step:
            pass
        made.append(new_id("esc"))
    assert made == sorted(set(made))


def test_the_first_id_of_a_span_of_time_sorts_before_all_that_were_made_in_it() -> None:
    made = new_id("esc")
    assert first_id("esc", 60_000) < made < first_id("esc", -60_000)
    assert first_id("esc", 10**18) == "esc_" + "0" * 26


def test_a_secret_has_256_random_bits_behind_a_prefix_that_scanners_know() -> None:
    assert re.fullmatch(r"inv_[A-Za-z0-9_-]{43}", new_secret("inv"))
    assert new_secret("inv") != new_secret("inv")
