"""Contacts as nouns."""

from __future__ import annotations

import pytest

from approvals_hub.people.contact import Known, language_of


@pytest.mark.parametrize(
    ("tag", "language"), [("sv", "sv"), ("sv-SE", "sv"), ("SV", "sv"), ("en-GB", "en"), ("de", "en"), (None, "en")]
)
def test_a_tag_asks_for_one_of_the_languages_there_are(tag: str | None, language: str) -> None:
    assert language_of(tag) == language


def test_an_address_is_not_printed() -> None:
    assert "ada" not in repr(Known("fac_1", "mail", "ada@example.com"))
