"""Scalars mean what they mean to every reader of YAML, and all faults are told at once."""

from __future__ import annotations

from typing import Any

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import Mapped, Most, Place
from approvals_hub.core.yaml_fields import Fields
from approvals_hub.policies import reading
from approvals_hub.policies.reading import FAULTS_LIMIT, LIMITS, Faults, mapping, tree_of, value_of


def fields(text: str) -> Fields:
    return mapping(tree_of(text), ("k", "other"), Faults())


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("5.25", 5.25),
        ("'5'", "5"),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("'true'", "true"),
        ("null", None),
        ("~", None),
        ("plain text", "plain text"),
        ("''", ""),
        ("[a, 1, {b: [true]}]", ["a", 1, {"b": [True]}]),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_a_scalar_is_what_json_would_have(written: str, value: Any) -> None:
    found = value_of(tree_of(f"k: {written}\n"))["k"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "written",
    [
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "010",
        "0o10",
        "0x1F",
        "0b1",
        "1_000",
        "1_0.5",
        "12:30",
        "190:20:30",
        "2026-01-31",
        "2026-01-31T10:00:00Z",
        "1e3",
        "+5",
        ".5",
        "5.",
        ".inf",
        ".nan",
        "<<",
        "=",
        "9007199254740993",
        "-9007199254740993",
        "9999999999999999.5",
        "12345678901234567890",
        "",
    ],
)
def test_a_scalar_that_yaml_1_1_reads_otherwise_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as caught:
        value_of(tree_of(f"k: {written}\n"))
    assert (caught.value.code, caught.value.extra["line"]) == ("policy_invalid", 1)


@pytest.mark.parametrize(
    ("read", "written", "found"),
    [
        ("number", "5.5", 5.5),
        ("boolean", "true", True),
        ("texts", "[a, '5']", ("a", "5")),
        ("texts", "[]", ()),
        ("texts", "[a, b, c]", ("a", "b", "c")),
    ],
)
def test_a_field_is_what_it_should_be(read: str, written: str, found: Any) -> None:
    more = (3,) if read == "texts" else ()
    assert getattr(reading, read)(fields(f"k: {written}\n"), "k", *more) == found
    assert getattr(reading, read)(fields("other: 1\n"), "k", *more) == (False if read == "boolean" else None)


@pytest.mark.parametrize(
    ("read", "written", "more"),
    [
        ("number", "'5'", ()),
        ("number", "true", ()),
        ("boolean", "1", ()),
        ("boolean", "'true'", ()),
        ("texts", "a", (3,)),
        ("texts", "[1]", (3,)),
        ("texts", "[a, b, c, d]", (3,)),
        ("names", "[]", (3,)),
        ("names", "[a, a]", (3,)),
        ("names", "[a, 1]", (3,)),
        ("names", "''", (3,)),
        ("names", "[a, b, c, d]", (3,)),
        ("names", "hihg", (3, ("high", "low"))),
        ("names", "a" * 129, (3,)),
    ],
)
def test_a_field_of_another_kind_is_refused(read: str, written: str, more: tuple[Any, ...]) -> None:
    with pytest.raises(Invalid, match=r"line 1, column \d+"):
        getattr(reading, read)(fields(f"k: {written}\n"), "k", *more)


def test_one_word_is_a_list_of_one() -> None:
    assert reading.names(fields("k: high\n"), "k", 3, ("high", "low")) == ("high",)
    assert reading.names(fields("k: [low, high]\n"), "k", 3) == ("low", "high")
    assert reading.names(fields("other: 1\n"), "k", 3) is None
    assert reading.names(fields(f"k: [a, b, {'c' * 128}]\n"), "k", 3) == ("a", "b", "c" * 128)


def test_every_unknown_key_is_told_with_the_nearest() -> None:
    faults = Faults()
    mapping(tree_of("othre: 1\nk: 2\nzzz: 3\n"), ("k", "other"), faults)
    with pytest.raises(Invalid) as caught:
        faults.settle()
    told = [(each["line"], each["detail"]) for each in caught.value.extra["errors"]]
    assert told == [
        (1, "line 1, column 1: unknown key 'othre'; did you mean 'other'?"),
        (3, "line 3, column 1: unknown key 'zzz'; known are k, other"),
    ]
    assert str(caught.value).endswith("(and 1 more)")


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(Invalid, match="mapping"):
        mapping(tree_of("[]"), ("k",), Faults())


def test_faults_are_told_in_the_order_of_their_lines_and_have_a_bound() -> None:
    faults = Faults()
    faults.settle()
    for line in range(FAULTS_LIMIT + 20, 0, -1):
        faults.at(Place(line, 1, "$"), "wrong")
    with pytest.raises(Invalid) as caught:
        faults.settle()
    lines = [each["line"] for each in caught.value.extra["errors"]]
    assert (len(lines), lines == sorted(lines)) == (FAULTS_LIMIT, True)


def test_the_limits_of_a_text_are_what_the_reference_says() -> None:
    assert Most(size=524_288, depth=40, nodes=100_000) == LIMITS
    assert FAULTS_LIMIT == 50


def test_a_text_that_is_no_yaml_has_one_fault_in_the_same_form() -> None:
    with pytest.raises(Invalid) as caught:
        tree_of("a: 1\na: 2\n")
    assert [each["line"] for each in caught.value.extra["errors"]] == [2]
    assert isinstance(tree_of("a: 1\n"), Mapped)
