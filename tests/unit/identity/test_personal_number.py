"""Personal numbers: every way in which people write one, and what is none. The arithmetic stands beside each row."""

from __future__ import annotations

from datetime import date

import pytest

from identity.personal_number import NotANumber, twelve_digits

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        # 9 0 0 1 0 1 1 2 3 by 2 1 2 1 …: 9+0+0+1+0+1+2+2+6 = 21, so 9.
        ("199001011239", "199001011239"),
        ("19900101-1239", "199001011239"),
        ("900101-1239", "199001011239"),
        ("9001011239", "199001011239"),
        (" 19 900101 - 1239 ", "199001011239"),
        # 1 2 1 2 1 2 1 2 1: 2+2+2+2+2+2+2+2+2 = 18, so 2. Born in 1912 or in 2012: the later, unless a plus says so.
        ("121212-1212", "201212121212"),
        ("121212+1212", "191212121212"),
        ("191212121212", "191212121212"),
        # 2 6 1 1 2 6 1 2 3: 4+6+2+1+4+6+2+2+6 = 33, so 7. Born today.
        ("261126-1237", "202611261237"),
        # 2 6 1 1 2 7 1 2 3: one more, so 6. Nobody is born tomorrow: a hundred years ago.
        ("261127-1236", "192611271236"),
        # 0 0 0 2 2 9 1 2 3: 0+0+0+2+4+9+2+2+6 = 25, so 5. 2000 was a leap year.
        ("000229-1235", "200002291235"),
        # A coordination number, 1 + 60: 9+0+0+1+(6·2=12: 3)+1+2+2+6 = 24, so 6.
        ("900161-1236", "199001611236"),
    ],
)
def test_a_number_becomes_its_twelve_digits(written: str, digits: str) -> None:
    assert twelve_digits(written, TODAY) == digits


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1990010112",
        "900101-12399",
        "900101–1239",  # a dash that is no hyphen
        "９００１０１-1239",  # digits of full width
        "900101-1238",
        "900101-1240",
        "901301-1235",  # a thirteenth month; 9+0+2+3+0+1+2+2+6 = 25, so 5
        "900230-1233",  # 30 February; 9+0+0+2+6+0+2+2+6 = 27, so 3
        "20271126-1236",  # not born yet; 4+7+2+1+4+6+2+2+6 = 34, so 6
        "199001011239\n199001011239",
        "19+900101-1239",
    ],
)
def test_what_is_no_personal_number_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(NotANumber) as refused:
        twelve_digits(written, TODAY)
    assert written == "" or written not in str(refused.value)


@pytest.mark.parametrize("place", range(10))
def test_one_mistyped_digit_is_found(place: int) -> None:
    right = "9001011239"
    wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
    with pytest.raises(NotANumber):
        twelve_digits(wrong, TODAY)
