"""Regular expressions of policies, matched by RE2: in time that grows with the text alone, whatever is written.

The syntax is RE2's, which has no look-around and no back-references: what needs those could freeze a process (ReDoS).
As in OpenLeash's documents a pattern is searched for anywhere, `.` is no line feed, `^` and `$` are the text's ends.
"""

from __future__ import annotations

from typing import Any, Final

import re2  # type: ignore[import-untyped]

LONGEST: Final = 256
"""Characters of a pattern."""
LARGEST: Final = 2_000
"""Instructions that a pattern may become: `(a{100}){100}` is short and large."""
LONGEST_TEXT: Final = 16_384
"""Characters that are searched; a longer text is one that cannot be judged."""
_MEMORY: Final = 256 * 1024


class Pattern:
    """One expression, ready to be searched for."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError, with what is wrong, for what RE2 cannot match or what is too large."""
        if len(text) > LONGEST:
            raise ValueError(f"a pattern has at most {LONGEST} characters")
        self.text = text
        try:
            self._compiled: Any = re2.compile(text, _options())
        except re2.error as error:
            raise ValueError(_said(error)) from None
        except UnicodeError:
            raise ValueError("a pattern is Unicode text") from None
        if self._compiled.programsize > LARGEST:
            raise ValueError("this pattern is too large")

    def found_in(self, text: str) -> bool | None:
        """Whether it occurs; None for a text that is too long to be judged."""
        if len(text) > LONGEST_TEXT:
            return None
        try:
            return self._compiled.search(text) is not None
        except UnicodeError:
            return None


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return options


def _said(error: Exception) -> str:
    words = error.args[0] if error.args else "it cannot be read"
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
