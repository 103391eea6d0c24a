"""Make every character that hides, reorders or fakes text visible, for pages, terminals and messages.

The table is closed and made of numbers, not of Unicode properties: every language and every version of it answers the
same. `web/static/shared/visible.js` is its twin; `tests/vectors/visible.json` holds both equal.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

LINE_CHARACTERS = "\n\t"
"""Shown as they are in text of several lines, as tokens elsewhere."""

HIDDEN = (
    (0x0000, 0x001F),  # control characters; ESC starts a terminal's command, CR overwrites the line
    (0x007F, 0x00A0),  # DEL, the second control block, and the space that does not break
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x1680, 0x1680),  # Ogham space
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian selectors and vowel separator
    (0x2000, 0x200F),  # spaces of odd width, zero-width characters, direction marks
    (0x2028, 0x202F),  # line and paragraph separator, direction overrides ("Trojan Source"), narrow space
    (0x205F, 0x206F),  # mathematical space, invisible operators, direction isolates, deprecated controls
    (0x27E6, 0x27E7),  # the two brackets of a token: nobody can write one that looks like ours
    (0x2800, 0x2800),  # the empty Braille cell
    (0x3000, 0x3000),  # ideographic space
    (0x3164, 0x3164),  # Hangul filler
    (0xD800, 0xF8FF),  # lone surrogates; private use, which a font may draw as anything
    (0xFDD0, 0xFDEF),  # never characters
    (0xFE00, 0xFE0F),  # variation selectors, which can carry hidden bytes
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xFFF0, 0xFFFC),  # specials, interlinear annotation, object replacement
    (0xFFFE, 0xFFFF),  # never characters
    (0x13430, 0x1345F),  # hieroglyph format controls
    (0x1BCA0, 0x1BCA3),  # shorthand format controls
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0x10FFFF),  # tag characters, which carry hidden instructions; more selectors; private use
)
"""Ranges of code points, both ends included."""

MARKS = ((0x0300, 0x036F), (0x0483, 0x0489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
"""Combining marks. The fourth in a row, and all after it, are shown as tokens: a tall stack covers other lines."""


class Visible(NamedTuple):
    """A text that hides nothing, and whether the original did."""

    text: str
    hidden: bool


def _class(ranges: tuple[tuple[int, int], ...], without: str = "") -> str:
    """The body of a regular expression's character class."""
    points = sorted({ord(character) for character in without})
    parts: list[str] = []
    for first, last in ranges:
        edges = [first - 1, *(point for point in points if first <= point <= last), last + 1]
        parts += [f"\\U{low + 1:08X}-\\U{high - 1:08X}" for low, high in pairwise(edges) if low + 1 < high]
    return "".join(parts)


_STACKED = f"(?<=[{_class(MARKS)}]{{3}})[{_class(MARKS)}]"
_ONE_LINE = re.compile(f"[{_class(HIDDEN)}]|{_STACKED}")
_SEVERAL_LINES = re.compile(f"[{_class(HIDDEN, LINE_CHARACTERS)}]|{_STACKED}")


def visible(text: str, *, lines: bool = False) -> Visible:
    """Replace each hidden character by a token like `⟦U+202E⟧`; two different texts never look the same.

    With `lines`, line feed and tab stay as they are and do not count as hidden.
    """
    if text.isascii() and text.isprintable():
        return Visible(text, False)
    pattern = _SEVERAL_LINES if lines else _ONE_LINE
    shown, replaced = pattern.subn(_token, text)
    return Visible(shown, replaced > 0)


def _token(match: re.Match[str]) -> str:
    return f"⟦U+{ord(match[0]):04X}⟧"
