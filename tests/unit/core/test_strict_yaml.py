"""Only what means the same to every reader of YAML is read, and every refusal names its line."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import (
    KEY_LIMIT,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    Listed,
    Mapped,
    Most,
    Scalar,
    parse,
)


def refused(text: str | bytes) -> tuple[int, int, str]:
    """Line, column and words of a refusal."""
    with pytest.raises(Invalid) as caught:
        parse(text, code="bad")
    assert caught.value.code == "bad"
    return caught.value.extra["line"], caught.value.extra["column"], caught.value.detail


def test_a_mapping_keeps_order_places_and_paths() -> None:
    tree = parse("b: 1\na:\n  - x\n  - {c: 'y'}\n", code="bad")
    assert isinstance(tree, Mapped)
    assert list(tree.values) == ["b", "a"]
    items = tree.values["a"]
    assert isinstance(items, Listed)
    inner = items.items[1]
    assert isinstance(inner, Mapped)
    found = inner.values["c"]
    assert isinstance(found, Scalar)
    assert (found.text, found.quoted) == ("y", True)
    assert (found.place.line, found.place.column, found.place.path) == (4, 9, "$.a[1].c")


def test_no_value_is_interpreted() -> None:
    tree = parse("[no, 010, 1:30, 2026-01-01, ~, 1e3]", code="bad")
    assert isinstance(tree, Listed)
    assert [item.text for item in tree.items if isinstance(item, Scalar)] == [
        "no",
        "010",
        "1:30",
        "2026-01-01",
        "~",
        "1e3",
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is written twice, first on line 1"),
        ("a: &x 1\n", 1, 4, "an anchor, &x"),
        ("a: *x\n", 1, 4, "an alias, *x"),
        ("a: !!python/object:os.system x\n", 1, 4, "a tag"),
        ("a: !x y\n", 1, 4, "a tag"),
        ("a: ! y\n", 1, 4, "a tag"),
        ("%YAML 1.1\n---\na: 1\n", 1, 1, "directives"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 1, 1, "directives"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
        ("? [x, y]\n: 1\n", 1, 3, "a key is a word"),
        ("? {x: y}\n: 1\n", 1, 3, "a key is a word"),
        ("'': 1\n", 1, 1, "a key is a word"),
        ("12: 1\n", 1, 1, "a key is a word"),
        (f"{'k' * (KEY_LIMIT + 1)}: 1\n", 1, 1, "a key is a word"),
        ("<<: {a: 1}\n", 1, 1, "a key is a word"),
        ("a: [1, 2\n", 2, 1, "this is no YAML"),
        ("a:\n\t- 1\n", 2, 1, "a tab"),
        ("a: x\u202ey\n", 1, 5, "U+202E"),
        ("a: x\u200b\n", 1, 5, "U+200B"),
        ("a: x\x00\n", 1, 5, "U+0000"),
        ("\ufeffa: 1\n", 1, 1, "U+FEFF"),
        ("a: 1\n\nb: \x85\n", 3, 4, "U+0085"),
        ('a: "x\\u202ey"\n', 1, 4, "a character that does not show"),  # hidden behind an escape
        ('a: "\\0"\n', 1, 4, "a character that does not show"),
        ('a: "\\t"\n', 1, 4, "a character that does not show"),
        ('"\\x61\\u200b": 1\n', 1, 1, "a character that does not show"),
        ('a: "\\ud800"\n', 1, 7, "this is no YAML"),  # half of a pair, which nothing could store
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
    ],
)
def test_what_readers_could_take_differently_is_refused_with_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    found = refused(text)
    assert words in found[2]
    assert found[:2] == (line, column)
    assert found[2].startswith(f"line {line}, column {column}: ")


def test_bytes_that_are_no_utf_8_are_refused_where_they_stand() -> None:
    assert refused(b"a: 1\nb: \xff\n")[:2] == (2, 4)


def test_a_text_over_the_limit_is_refused_before_it_is_read() -> None:
    assert str(MAX_BYTES) in refused("#" * (MAX_BYTES + 1))[2]


def test_nesting_beyond_the_limit_is_refused_and_up_to_it_read() -> None:
    assert isinstance(parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, code="bad"), Listed)
    assert "nested" in refused("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))[2]


def test_more_values_than_the_limit_are_refused() -> None:
    assert f"more than {MAX_NODES}" in refused("[" + "1," * (MAX_NODES + 1) + "]")[2]


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_BYTES,
        "{" * MAX_BYTES,
        "? " * (MAX_BYTES // 2),
        "- " * (MAX_BYTES // 2),
        "a: " * (MAX_BYTES // 3),
        "a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 350)),
        '"' + "\\" * (MAX_BYTES - 2),
        "a: &a [" + "*a," * 20_000 + "]",
        "&a " * (MAX_BYTES // 3),
        "!" * MAX_BYTES,
        "[" + "1," * 30_000 + "]",
        "a: |\n" + " x\n" * 20_000,
        "%" * MAX_BYTES,
    ],
    ids=range(13),
)
def test_a_text_made_to_be_slow_is_done_with_within_a_second(text: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(Invalid):
        parse(text, code="bad")
    assert time.process_time() - begin < 1


PIECES = st.sampled_from([*list("ab:-?[]{}&*!|>'\"%@`,# \n\t\\~<=012"), "- ", ": ", "\n  ", "---\n", "...\n", "\u2028"])


@given(st.one_of(st.text(), st.binary(), st.lists(PIECES, max_size=60).map("".join)))
def test_whatever_the_bytes_are_they_are_read_or_refused_as_documented(text: str | bytes) -> None:
    try:
        parse(text, code="bad")
    except Invalid as error:
        refusal = error
    else:
        return
    assert refusal.extra["line"] >= 1
    assert refusal.extra["column"] >= 1
    assert refusal.field is not None


def test_a_kind_of_document_may_have_limits_of_its_own() -> None:
    deep = "[" * 20 + "]" * 20
    assert isinstance(parse(deep, code="bad", most=Most(depth=20)), Listed)
    for most in (Most(depth=19), Most(depth=20, size=39), Most(depth=20, nodes=19)):
        with pytest.raises(Invalid):
            parse(deep, code="bad", most=most)
