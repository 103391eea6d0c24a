"""Telephone numbers: which are sound, how they are typed, how they are shown."""

from __future__ import annotations

import pytest

from notify.telephone import BadNumber, is_number, masked, normalised
from tests.contracts.channels.numbered import HOSTILE_NUMBERS


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+46701234567", "+46701234567"),
        ("+46 70 123 45 67", "+46701234567"),
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("0046 70 123 45 67", "+46701234567"),
        ("+46\u00a070\u2009123.45.67", "+46701234567"),
        ("+46 70‑123‑45‑67", "+46701234567"),
        ("+1 (555) 010-0199", "+15550100199"),
        (" +358 40 1234567 ", "+358401234567"),
        ("+290 12 345", "+29012345"),
    ],
)
def test_a_number_as_people_type_it_becomes_one_of_e164(typed: str, number: str) -> None:
    assert normalised(typed) == number
    assert is_number(number)


@pytest.mark.parametrize(
    "typed",
    [
        "070-123 45 67",
        "46701234567",
        "+0701234567",
        "+46 70 12a 45 67",
        "+46701234567,+46707654321",
        "+46701234567;ext=1",
        "++46701234567",
        "+46+701234567",
        "+123456",
        "+1234567890123456",
        "+４６７０１２３４５６７",
        "",
        "+" + " " * 50,
    ],
)
def test_a_number_that_could_mean_another_is_refused_and_not_quoted(typed: str) -> None:
    with pytest.raises(BadNumber) as refusal:
        normalised(typed)
    assert len(typed) < 3 or typed not in str(refusal.value)


@pytest.mark.parametrize("text", HOSTILE_NUMBERS)
def test_nothing_but_a_plus_and_digits_goes_to_a_gateway(text: str) -> None:
    assert not is_number(text)
    assert masked(text) == "…"


def test_a_masked_number_shows_where_it_begins_and_its_last_two_digits() -> None:
    assert masked("+46701234567") == "+46…67"
