"""The reference pages say what the code says: they are written from it, and differ from it never."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.reference import DOCS, PAGES, SETTINGS_IN, fields, is_struct
from tests.house.reference_limits import TIMES, VALUES
from tests.house.tree import ROOT, python_tests

BY_NUMBER = {
    "MAX_ATTACHMENTS": "test_a_wrong_value_is_named_by_its_path",
    "MAX_CHAIN": "test_a_wrong_value_is_named_by_its_path",
    "JUSTIFICATION_LIMIT": "test_a_justification_of_281_characters_is_refused",
    "NAMES_LIMIT": "test_a_misspelt_or_impossible_rule_is_refused_at_its_place",
    "SEATS_LIMIT": "test_a_misspelt_or_impossible_rule_is_refused_at_its_place",
    "MAX_AGE": "test_the_ends_of_the_time_window_are_inside",
    "MAX_AHEAD": "test_the_ends_of_the_time_window_are_inside",
    "IDEMPOTENCY_LIFE": "test_an_idempotency_key_is_remembered_for_a_day",
    "REPEAT_LIFE": "test_an_answer_of_yesterday_is_given_no_more",
}
"""Limits whose tests write the number itself."""


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_as_make_docs_writes_it(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_limit_of_the_page_is_named_in_a_test_or_has_one_that_tries_its_number() -> None:
    places = [where.removesuffix(".burst") for _, where, *_ in [*VALUES, *TIMES]]
    names = {place.rsplit(".", 1)[1] for place in places}
    tests = [source for source in python_tests() if not source.path.startswith("tests/house/")]
    text = "\n".join(source.text for source in tests)
    assert names - set(re.findall(r"\w+", text)) == set(BY_NUMBER)
    assert [test for test in BY_NUMBER.values() if f"def {test}(" not in text] == []


def test_every_setting_says_what_it_does() -> None:
    bodies = [ast.parse((ROOT / "approvals_hub" / place).read_text()).body for place in SETTINGS_IN]
    tables = [node for body in bodies for node in body if isinstance(node, ast.ClassDef) and is_struct(node)]
    names = {table.name for table in tables}
    silent = [
        f"{table.name}.{name}"
        for table in tables
        for _, name, kind, _, text in fields(table)
        if kind not in names and not text
    ]
    assert silent == []
