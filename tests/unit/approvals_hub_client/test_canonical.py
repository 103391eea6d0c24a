"""Strict JSON, RFC 8785 bytes and canonical base64url."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from approvals_hub_client.canonical import MAX_INTEGER, CanonicalError, b64u, dumps, loads, sha256_text, unb64u

VECTORS = Path(__file__).parents[2] / "vectors" / "jcs"
NAMES = sorted(path.name for path in (VECTORS / "input").iterdir())

text = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats(-1e15, 1e15) | st.sampled_from([1e21, 1e-7, -0.0, 5e-324])
values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text, inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.parametrize("name", NAMES)
def test_the_rfc_8785_vectors_come_out_byte_for_byte(name: str) -> None:
    given = (VECTORS / "input" / name).read_bytes()
    assert dumps(loads(given)) == (VECTORS / "output" / name).read_bytes().rstrip(b"\n")


@given(values)
def test_the_fast_and_the_slow_encoder_write_the_same_bytes(value: object) -> None:
    assert dumps(value) == rfc8785.dumps(value)


@given(values)
def test_what_was_written_reads_back_to_the_same_text(value: object) -> None:
    assert dumps(loads(dumps(value))) == dumps(value)


@given(values)
def test_spaces_and_escapes_do_not_change_what_is_read(value: object) -> None:
    assert loads(json.dumps(value, indent=1)) == value


def test_keys_beyond_the_basic_plane_sort_by_utf_16_units() -> None:
    assert dumps({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_a_number_without_fraction_is_written_as_an_integer() -> None:
    assert dumps([1.0, -0.0, 1e21]) == b"[1,0,1e+21]"


@pytest.mark.parametrize(
    ("attack", "path"),
    [
        ('{"amount":1,"amount":2}', "$.amount"),
        ('{"a":[{"b":1},{"b":1, "\\u0062":2}]}', "$.a[1].b"),
        ('{"a":":", "b\\"":{"x":1,"x":1}}', '$.b".x'),
        ('{"a":{"a":1},"a":{"a":1}}', "$.a"),
    ],
)
def test_a_duplicate_key_that_two_parsers_read_differently_is_refused(attack: str, path: str) -> None:
    with pytest.raises(CanonicalError) as refusal:
        loads(attack)
    assert refusal.value.path == path


@pytest.mark.parametrize(
    ("attack", "path"),
    [
        ('{"a":[9007199254740992]}', "$.a[0]"),
        ('{"a":-9007199254740992}', "$.a"),
        ("9007199254740993.0", "$"),
        ("1e20", "$"),
        ("100000000000000000000000000000000000000000", "$"),
    ],
)
def test_an_integer_that_loses_digits_in_other_languages_is_refused(attack: str, path: str) -> None:
    with pytest.raises(CanonicalError) as refusal:
        loads(attack)
    assert refusal.value.path == path


@pytest.mark.parametrize("attack", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", '{"a":NaN}'])
def test_a_number_that_is_none_is_refused(attack: str) -> None:
    with pytest.raises(CanonicalError):
        loads(attack)


@pytest.mark.parametrize(
    "attack",
    [b'"\\ud800"', b'"\\udc00x"', b'"\\ud800\\u0041"', b'"\xed\xa0\x80"', b'"\xff"', b'"\xc0\xaf"', b"\xef\xbb\xbf{}"],
)
def test_bytes_that_are_no_unicode_text_are_refused(attack: bytes) -> None:
    with pytest.raises(CanonicalError):
        loads(attack)


def test_a_lone_surrogate_in_a_python_text_is_refused() -> None:
    with pytest.raises(CanonicalError):
        loads('"\ud800"')
    with pytest.raises(CanonicalError):
        dumps({"a": "\ud800"})
    with pytest.raises(CanonicalError):
        dumps({"\ud800": 1.5})


@pytest.mark.parametrize("attack", ["", " ", "{} {}", "[1,]", "{'a':1}", "01", "1.", "+1", "tru", "/**/1", '"\x01"'])
def test_what_only_lenient_parsers_read_is_refused(attack: str) -> None:
    with pytest.raises(CanonicalError):
        loads(attack)


def test_thirty_two_levels_are_read() -> None:
    assert loads("[" * 32 + "]" * 32)


def test_brackets_inside_texts_are_no_levels() -> None:
    assert loads('["' + "[" * 100 + '"]')


def test_many_shallow_lists_are_no_levels() -> None:
    assert loads("[" + "[]," * 100 + "[]]")


@pytest.mark.parametrize("attack", ["[" * 33 + "]" * 33, '{"a":' * 33 + "1" + "}" * 33, "[" * 100_000 + "]" * 100_000])
def test_nesting_that_would_exhaust_a_stack_is_refused(attack: str) -> None:
    with pytest.raises(CanonicalError):
        loads(attack)


def test_nesting_too_deep_names_the_place() -> None:
    with pytest.raises(CanonicalError) as refusal:
        loads('{"a":[{"b":1}]}', max_depth=2)
    assert refusal.value.path == "$.a[0]"


@pytest.mark.parametrize(
    "value",
    [b"bytes", (1, 2), {1: 2}, {1, 2}, math.nan, math.inf, 2**53, float(2**53), object(), type("T", (str,), {})()],
)
def test_a_value_without_canonical_form_is_not_written(value: object) -> None:
    with pytest.raises(CanonicalError):
        dumps({"a": [value]})


def test_a_value_that_holds_itself_is_not_written() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(CanonicalError):
        dumps(loop)


def test_a_hash_is_written_with_its_algorithm() -> None:
    assert sha256_text(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.binary(max_size=40))
def test_base64url_reads_back(data: bytes) -> None:
    assert unb64u(b64u(data)) == data


@pytest.mark.parametrize(
    "attack", ["AA==", "AA=", "A", "AB", "+/8", "-_9", "AA\n", " AA", "AA AA", "ÅÄ", "AA.AA", "AAAA="]
)
def test_a_second_text_for_the_same_bytes_is_refused(attack: str) -> None:
    with pytest.raises(CanonicalError):
        unb64u(attack)
