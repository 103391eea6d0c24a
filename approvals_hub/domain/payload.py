"""The payload of an action: any JSON that has one canonical text, the same in every language, and that can be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from approvals_hub.core.visible import visible

MAX_DEPTH = 32
"""Objects and lists inside each other, the action itself counted."""
MAX_MEMBERS = 256
"""Of one object."""
MAX_ITEMS = 1024
"""Of one list."""
MAX_VALUES = 4096
"""In the whole payload: more than that no person reads."""
MAX_INTEGER = 2**53 - 1
"""Beyond it a JavaScript page would show another number than the one that is hashed (RFC 7493 §2.2)."""

_SCALARS = frozenset({str, bool, type(None)})


class PayloadError(ValueError):
    """A value is refused; `path` leads to it from the payload, like `.rows[3].amount`, and `why` completes it."""

    def __init__(self, why: str) -> None:
        """`why` reads on from the name of the value: "is nested deeper than 32"."""
        super().__init__(why)
        self.why = why
        self._trail: list[str] = []

    @property
    def path(self) -> str:
        """Empty for the payload itself."""
        return "".join(reversed(self._trail))

    def inside(self, key: str | int) -> None:
        """The refused value lies in this member or item."""
        self._trail.append(f"[{key}]" if isinstance(key, int) else f".{visible(key[:64]).text}")


def check_payload(value: Any) -> None:
    """Refuse what is no object, is too large or deep to be read, or holds a number without one canonical text.

    Raises PayloadError.
    """
    if type(value) is not dict:
        raise PayloadError("must be an object")
    if _count(value, 2) > MAX_VALUES:
        raise PayloadError(f"holds more than {MAX_VALUES} values, more than a person can read")


def _count(value: Any, depth: int) -> int:
    """How many values there are in here, containers counted."""
    kind = type(value)
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise PayloadError("is an integer that not every reader holds; send it as a string")
        return 1
    if kind is float:
        # From 2^53 to 10^21 the canonical text of a float is an integer, which strict readers refuse.
        if not math.isfinite(value) or MAX_INTEGER < abs(value) < 1e21:
            raise PayloadError("is a number that not every reader holds; send it as a string")
        return 1
    if depth > MAX_DEPTH:
        raise PayloadError(f"is nested deeper than {MAX_DEPTH}")
    if kind is dict:
        if len(value) > MAX_MEMBERS:
            raise PayloadError(f"has more than {MAX_MEMBERS} members")
        return _count_all(value.items(), depth)
    if kind is list:
        if len(value) > MAX_ITEMS:
            raise PayloadError(f"has more than {MAX_ITEMS} items")
        return _count_all(enumerate(value), depth)
    raise PayloadError("is no JSON value")


def _count_all(items: Iterable[tuple[str | int, Any]], depth: int) -> int:
    count = 1
    for key, item in items:
        if type(item) in _SCALARS:
            count += 1
            continue
        try:
            count += _count(item, depth + 1)
        except PayloadError as unfit:
            unfit.inside(key)
            raise
    return count
