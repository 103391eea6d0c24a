"""How long a person needs to read what they are shown, at the very least. Pure."""

from __future__ import annotations

from typing import Final

REACTION: Final = 800
"""Milliseconds from seeing something to having pressed a button."""
PER_CHARACTER: Final = 15
"""Milliseconds: twice as fast as silent reading (238 words a minute, Brysbaert 2019: about 42 ms a character), and
half of what is shown is names and punctuation that nobody spells out."""
CROWD: Final = 10
"""Approvals of one person in a minute: more are given by habit, however short the questions are."""
MOST: Final = 15_000
"""Milliseconds: somebody who knows the form of a long question looks at a part of it."""


def least_time(length: int) -> int:
    """Milliseconds in which so many characters cannot be read and answered by anybody who looks at them."""
    return min(REACTION + PER_CHARACTER * length, MOST)
