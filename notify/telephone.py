"""Telephone numbers as in E.164: how what people type becomes one, and how much of one is shown."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SPACING = re.compile(r"[\s.()/‐‑–\u00a0-]")
_TRUNK = re.compile(r"\(0\)")


class BadNumber(ValueError):
    """No number that can be called from anywhere. The text does not quote it."""


def is_number(text: str) -> bool:
    """Whether it is a number as it goes to a gateway: `+46701234567`."""
    return _NUMBER.fullmatch(text) is not None


def normalised(text: str) -> str:
    """`00 46 (0)70-123 45 67` as `+46701234567`. Raises BadNumber.

    A number without a country is refused: which one was meant depends on where it was written.
    """
    if len(text) > 40:
        raise BadNumber("the number is too long")
    number = _SPACING.sub("", _TRUNK.sub("", text))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not number.startswith("+"):
        raise BadNumber("the number begins with + and the country's code")
    if not is_number(number):
        raise BadNumber("the number has 7 to 15 digits, and nothing else")
    return number


def masked(number: str) -> str:
    """The beginning and the last two digits: `+46…67`; three dots alone for what is no number."""
    return f"{number[:3]}…{number[-2:]}" if is_number(number) else "…"
