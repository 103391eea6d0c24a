"""Which rules speak of a kind of action, found without looking at the others. Pure.

`*` is every kind, `p.*` is `p` and what begins with `p.`, anything else that very kind.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from typing import Final

EVERY: Final = "*"
PATTERN_LIMIT: Final = 128
"""Characters of a pattern."""
_PATTERN = re.compile(r"\*|[^\s*]+?(\.\*)?")


def is_pattern(text: str) -> bool:
    """Whether it can name any kind: no star within, none behind half a word, which would match nothing."""
    return len(text) <= PATTERN_LIMIT and text.isprintable() and _PATTERN.fullmatch(text) is not None


def covers(pattern: str, action_type: str) -> bool:
    """Whether a pattern names this kind of action."""
    if pattern in (EVERY, action_type):
        return True
    if not pattern.endswith(".*"):
        return False
    return action_type == pattern[:-2] or action_type.startswith(pattern[:-1])


def includes(pattern: str, other: str) -> bool:
    """Whether a pattern names everything that another one names."""
    if pattern in (other, EVERY):
        return True
    return (
        other != EVERY
        and covers(pattern, other.removesuffix(".*"))
        and (pattern.endswith(".*") or not other.endswith(".*"))
    )


def breadth(pattern: str) -> tuple[int, int]:
    """The narrower comes first: the kind itself, then by how much of it is written, `*` last."""
    if pattern == EVERY:
        return (2, 0)
    return (1, -len(pattern)) if pattern.endswith(".*") else (0, 0)


class Index:
    """Places of patterns in a list, by what they name."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._below: dict[str, list[int]] = {}
        self._every: list[int] = []
        for place, pattern in enumerate(patterns):
            if pattern == EVERY:
                self._every.append(place)
            elif pattern.endswith(".*"):
                self._below.setdefault(pattern[:-2], []).append(place)
            else:
                self._exact.setdefault(pattern, []).append(place)

    def places(self, action_type: str) -> Iterator[int]:
        """The places of those that name this kind, in order. It costs what they are, not what there is."""
        found = [self._every, self._exact.get(action_type, ())]
        rest = action_type
        while True:
            found.append(self._below.get(rest, ()))
            rest, dot, _ = rest.rpartition(".")
            if not dot:
                break
        filled = [places for places in found if places]
        return iter(filled[0]) if len(filled) == 1 else heapq.merge(*filled)
