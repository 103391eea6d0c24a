"""The reference pages say what the code says: they are written from it, and differ from it never."""

from __future__ import annotations

import ast

import pytest

from tests.house.reference import DOCS, PAGES, SETTINGS_IN, fields, is_struct
from tests.house.tree import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_as_make_docs_writes_it(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


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
