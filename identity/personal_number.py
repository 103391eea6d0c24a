"""Swedish personal numbers as people write them: checked, and in the twelve digits that BankID signs.

The form is that of the Swedish Tax Agency (SKV 704): `YYMMDD-NNNC` or `YYYYMMDD-NNNC`, where C is the Luhn digit of the
nine before it. Who turns a hundred has `+` in place of `-`. A coordination number has 60 added to its day (SKV 707).
"""

from __future__ import annotations

import re
from datetime import date

_WRITTEN = re.compile(r"([0-9]{2})?([0-9]{2})([0-9]{2})([0-9]{2})([-+]?)([0-9]{4})", re.ASCII)
_COORDINATION = 60
"""What is added to the day of birth in a coordination number."""


class NotANumber(ValueError):
    """It is no personal number. The text says what is wrong and repeats nothing of what was written."""


def twelve_digits(written: str, today: date) -> str:
    """The number with its century and without a sign. Raises NotANumber.

    `today` gives the century where none was written: the latest one in which the person is born already, and with `+`
    the one before.
    """
    found = _WRITTEN.fullmatch(written.strip().replace(" ", ""))
    if found is None:
        raise NotANumber("a personal number has ten or twelve digits, like 19900101-1239")
    century, year, month, day, sign, last = found.groups()
    if not _is_luhn(f"{year}{month}{day}{last}"):
        raise NotANumber("the last digit of the personal number does not fit the others")
    born = _birthday(int(f"{century}{year}"), month, day) if century else _latest(year, month, day, sign, today)
    if born > today:
        raise NotANumber("the personal number is of somebody who is not born yet")
    return f"{born.year:04d}{month}{day}{last}"


def _latest(year: str, month: str, day: str, sign: str, today: date) -> date:
    full = today.year - (today.year - int(year)) % 100
    try:
        born = _birthday(full, month, day)
    except NotANumber:
        # 29 February of a century's own year: only every fourth of them is a leap year.
        born = date.max
    wanted = full - 100 * (born > today) - 100 * (sign == "+")
    return _birthday(wanted, month, day)


def _birthday(year: int, month: str, day: str) -> date:
    of_month = int(day)
    try:
        return date(year, int(month), of_month - _COORDINATION if of_month > _COORDINATION else of_month)
    except ValueError:
        raise NotANumber("the personal number holds no date of birth") from None


def _is_luhn(digits: str) -> bool:
    """Whether the last digit makes the sum of all ten a multiple of ten (ISO/IEC 7812-1 annex B)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
