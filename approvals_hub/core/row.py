"""What one row of an answer of the database looks like to a rule that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol


class Row(Protocol):
    """One row of an answer; values are str, int, float, bytes or None."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column; IndexError or KeyError when the statement has none of that name."""

    def __iter__(self) -> Iterator[Any]:
        """The values, in the order in which the statement names them."""

    def keys(self) -> Iterable[str]:
        """The column names, so that `dict(row)` works."""
