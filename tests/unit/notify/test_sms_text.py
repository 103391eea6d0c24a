"""How many messages a text becomes, with the arithmetic beside each row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.sms_text import ALPHABET, EXTENSION, JOINED, Encoding, Size, size

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", Size(GSM7, 0, 1)),
        ("a" * 160, Size(GSM7, 160, 1)),
        ("a" * 161, Size(GSM7, 161, 2)),  # 153 + 8
        ("a" * 306, Size(GSM7, 306, 2)),  # 2 × 153
        ("a" * 307, Size(GSM7, 307, 3)),  # 2 × 153 + 1
        ("åäöÅÄÖ@£ΔΦ\n", Size(GSM7, 11, 1)),
        ("€" * 80, Size(GSM7, 160, 1)),  # 80 × 2
        ("€" * 81, Size(GSM7, 162, 2)),  # 76 fit into 153: a half is not used
        ("a" * 152 + "€" + "a" * 152, Size(GSM7, 306, 3)),  # 152 | € + 151 | 1: the escape is not torn off
        ("[{}]~^\\|", Size(GSM7, 16, 1)),  # 8 × 2
        ("á" * 70, Size(UCS2, 70, 1)),
        ("á" * 71, Size(UCS2, 71, 2)),  # 67 + 4
        ("á" * 134, Size(UCS2, 134, 2)),  # 2 × 67
        ("á" * 135, Size(UCS2, 135, 3)),
        ("a" * 69 + "á", Size(UCS2, 70, 1)),  # one letter, and all cost double
        ("🙂" * 35, Size(UCS2, 70, 1)),  # 35 × 2
        ("🙂" * 36, Size(UCS2, 72, 2)),  # 33 fit into 67: no half of one
        ("á" * 66 + "🙂" + "á" * 67, Size(UCS2, 135, 3)),  # 66 | 🙂 + 65 | 2
        ("’", Size(UCS2, 1, 1)),  # the quotation mark of a word processor
        ("ç", Size(UCS2, 1, 1)),  # the table has the capital alone
    ],
)
def test_a_text_costs_what_its_letters_cost(text: str, cost: Size) -> None:
    assert size(text) == cost


def test_the_basic_table_has_its_places_but_the_escape() -> None:
    assert len(ALPHABET) == 127
    assert len(EXTENSION) == 10
    assert not ALPHABET & EXTENSION


@given(st.text(max_size=700))
def test_parts_hold_the_units_and_waste_at_most_one_each(text: str) -> None:
    cost = size(text)
    room = JOINED[cost.encoding]
    if cost.parts > 1:
        assert (cost.parts - 1) * (room - 1) < cost.units <= cost.parts * room


@given(st.text(max_size=300), st.text(max_size=50))
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert size(text + more).parts >= size(text).parts
