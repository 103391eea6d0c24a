"""What is sent: plain values. Their texts stay out of `repr`, so that no log shows them by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST_TEXT = 100_000
"""Characters of a text; of HTML five times as many."""
LONGEST_LINE = 250
"""Characters of a subject or title."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Whatever some reader of headers takes for the end of a line (RFC 5322 section 2.2, and str.splitlines).
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What all kinds have in common. Raises ValueError for an id or a language of another form."""

    id: str
    """The sender's own name for it, the same whenever it is sent again: letters, digits, dots and dashes."""
    language: str = "en"
    """BCP 47."""
    expires_at: int | None = None
    """Milliseconds since 1970 UTC: from then on it is not sent any more."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not _ID.fullmatch(self.id):
            raise ValueError("a message's id has 1 to 64 letters, digits, dots and dashes")
        if not _LANGUAGE.fullmatch(self.language):
            raise ValueError("a message's language is a tag as in BCP 47")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail(Message):
    """A letter. Raises ValueError for a subject of several lines, which would begin headers, and for huge texts."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError."""
        # By name: `super()` without arguments does not find the class that slots make anew.
        Message.__post_init__(self)
        _require_line(self.subject, "subject")
        _require_text(self.text, LONGEST_TEXT)
        _require_text(self.html or "", 5 * LONGEST_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortText(Message):
    """A few lines for a phone. SMS has no title; push and chat show it above the text. Raises ValueError as `Mail`."""

    text: str = field(repr=False)
    title: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError."""
        Message.__post_init__(self)
        _require_line(self.title, "title")
        _require_text(self.text, LONGEST_TEXT)


def _require_line(line: str, what: str) -> None:
    if len(line) > LONGEST_LINE or _CONTROL.search(line):
        raise ValueError(f"a {what} is one line of at most {LONGEST_LINE} characters")
    _require_text(line, LONGEST_LINE)


def _require_text(text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(f"the text has more than {most} characters")
    if "\x00" in text or _SURROGATE.search(text):
        raise ValueError("the text holds what is no character")
