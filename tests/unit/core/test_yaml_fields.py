"""Fields take what they say and nothing else; a word that YAML 1.1 reads differently must be quoted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from approvals_hub.core.errors import Invalid
from approvals_hub.core.strict_yaml import parse
from approvals_hub.core.yaml_fields import Fields, duration_text, seconds_of

WORD = re.compile(r".*")


def fields(text: str, *allowed: str) -> Fields:
    return Fields(parse(text, code="bad"), allowed or ("a", "b"), code="bad")


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as caught:
        call()
    return caught.value.detail


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    problem = refusal(lambda: fields("levels: 1\nchanels: 2\n", "levels", "channels"))
    assert problem == "line 2, column 1: unknown key 'chanels'; did you mean 'channels'?"


def test_an_unknown_key_that_is_near_to_none_is_refused_with_all_known_ones() -> None:
    assert "known are levels, channels" in refusal(lambda: fields("x: 1\n", "levels", "channels"))


def test_a_list_where_a_mapping_is_expected_is_refused() -> None:
    assert "a mapping expected" in refusal(lambda: fields("[1]"))


def test_a_missing_key_is_refused_at_its_mapping() -> None:
    assert refusal(lambda: fields("b: 1").text("a", WORD, "a word")).startswith("line 1, column 1: the key 'a'")


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "No",
        "yes",
        "on",
        "OFF",
        "y",
        "n",
        "true",
        "False",
        "~",
        "null",
        "",
        "010",
        "0o10",
        "0x1F",
        "0b1",
        "12",
        "1_000",
        "-5",
        "+5",
        "1:30",
        "190:20:30",
        "10:30.5",
        "1.5",
        "1e3",
        ".5",
        ".inf",
        "-.INF",
        ".nan",
        "2026-01-31",
        "2026-1-1",
        "2026-01-31 10:00",
        "=",
        "12.",
        "5e-3",
    ],
)
def test_a_text_that_yaml_1_1_takes_for_something_else_must_be_quoted(word: str) -> None:
    plain = refusal(lambda: fields(f"a: {word}").text("a", WORD, "a word"))
    assert "quotes" in plain or "nothing is written" in plain
    assert fields(f"a: '{word}'").text("a", WORD, "a word") == word


@pytest.mark.parametrize("word", ["nobody", "online", "platform", "9to5", "on-call", "ada@example.com", "trueish"])
def test_a_text_that_everybody_takes_for_a_text_needs_no_quotes(word: str) -> None:
    assert fields(f"a: {word}").text("a", WORD, "a word") == word


@pytest.mark.parametrize("value", ["[x]", "{b: x}", "", "x y"])
def test_what_is_no_text_of_that_form_is_refused(value: str) -> None:
    refusal(lambda: fields(f"a: {value}").text("a", re.compile("[a-z]+"), "a word"))


@pytest.mark.parametrize(("value", "seconds"), [("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400)])
def test_a_duration_is_one_whole_number_and_one_unit(value: str, seconds: int) -> None:
    assert fields(f"a: {value}").duration("a", 0, 86_400) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "90",
        "1.5h",
        "1h30m",
        "1 h",
        "-5m",
        "+5m",
        "05m",
        "5M",
        "5min",
        "PT5M",
        "1:30",
        "'5'",
        "[5m]",
        "1w",
        "٥m",
        "2d",
        "99999999s",
    ],
)
def test_every_other_notation_of_a_duration_is_refused(value: str) -> None:
    assert "whole number and one unit" in refusal(lambda: fields(f"a: {value}").duration("a", 0, 86_400))


def test_a_duration_is_taken_within_its_range_and_refused_outside() -> None:
    assert fields("a: 10s").duration("a", 10, 20) == 10
    assert fields("a: 20s").duration("a", 10, 20) == 20
    for outside in ("9s", "21s"):
        assert "from 10s to 20s" in refusal(lambda value=outside: fields(f"a: {value}").duration("a", 10, 20))  # type: ignore[misc] # mypy cannot tell the type of a default of a lambda


@pytest.mark.parametrize(
    "value", ["1.0", "01", "0x1", "'1'", "one", "[1]", "0", "6", "1e0", "-1", "1_0", "99999999999999999"]
)
def test_only_a_plain_decimal_within_its_range_is_a_whole_number(value: str) -> None:
    assert "from 1 to 5" in refusal(lambda: fields(f"a: {value}").whole("a", 1, 5))


def test_a_whole_number_is_read_at_both_ends_of_its_range() -> None:
    assert (fields("a: 1").whole("a", 1, 5), fields("a: 5").whole("a", 1, 5)) == (1, 5)


def test_a_choice_is_one_of_its_words_and_a_wrong_one_is_told_the_nearest() -> None:
    assert fields("a: deny").choice("a", ("deny", "expire")) == "deny"
    assert "did you mean 'expire'?" in refusal(lambda: fields("a: expires").choice("a", ("deny", "expire")))
    assert "known are deny, expire" in refusal(lambda: fields("a: [deny]").choice("a", ("deny", "expire")))


def test_a_list_is_refused_when_it_is_empty_or_too_long_or_none() -> None:
    for value in ("[]", "[1, 2, 3]", "x"):
        assert "a list of 1 to 2" in refusal(lambda text=value: fields(f"a: {text}").items("a", 2))  # type: ignore[misc] # as above


def test_a_text_that_is_written_twice_in_a_list_is_refused() -> None:
    problem = refusal(lambda: fields("a: [x,\n x]").texts("a", 5, WORD, "a word"))
    assert problem == "line 2, column 2: 'x' is written twice, first on line 1"


def test_a_long_value_is_not_repeated_at_length() -> None:
    assert len(refusal(lambda: fields(f"a: {'x' * 9999}!").text("a", re.compile("x{3}"), "a word"))) < 200


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 90, 3600, 86_400, 90_000])
def test_a_duration_as_text_reads_back_as_itself(seconds: int) -> None:
    assert fields(f"a: {duration_text(seconds)}").duration("a", 0, 10**6) == seconds


def test_a_duration_is_a_number_and_a_unit_and_nothing_else() -> None:
    assert [seconds_of(text) for text in ("90s", "5m", "2h", "30d")] == [90, 300, 7200, 30 * 86_400]
    assert {seconds_of(text) for text in ("", "5", "m", "-5m", "5 m", "5m ", "1.5h", "05m", "99999999d")} == {None}


def test_a_long_list_of_known_words_is_cut_and_an_empty_one_is_said() -> None:
    from approvals_hub.core.strict_yaml import Place, Scalar
    from approvals_hub.core.yaml_fields import choice_of

    node = Scalar(Place(1, 1, "$"), "zzz", quoted=False)
    with pytest.raises(Invalid, match=r"w19 and 5 more$"):
        choice_of(node, tuple(f"w{n:02}" for n in range(25)), code="x")
    with pytest.raises(Invalid, match=r"nothing is known here yet$"):
        choice_of(node, (), code="x")
