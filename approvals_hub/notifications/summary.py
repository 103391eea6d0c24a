"""What is asked, in a few lines: the kind of action and the first rows that approvers are shown. Pure.

All of it is the asker's text, so none of it is a title, each value stands between quotes or is a number, each name too
that is more than a name, nothing within closes the quotes, what hides or turns text round is made visible, and nothing
becomes a link. What looks like a secret is named and not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from approvals_hub.core.visible import visible

MOST_ROWS: Final = 6
LONGEST_LABEL: Final = 60
"""Characters of a label, beyond which it is cut."""
LONGEST_VALUE: Final = 80
"""Characters of a value, beyond which it is cut."""
WITHHELD: Final = "•••"
"""Stands for a value that looks like a secret."""
_TYPE: Final = "/action_type"
_PAYLOAD: Final = "/payload/"
_BARE: Final = frozenset({"integer", "number", "boolean", "null", "empty_object", "empty_array"})
"""Types of fields whose value the hub wrote itself."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = frozenset(
    {"secret", "secrets", "password", "passwords", "passwd", "passcode", "passphrase", "pwd", "token", "tokens"}
    | {"credential", "credentials", "apikey", "authorization", "cookie", "cookies", "pin", "otp", "totp", "cvv"}
    | {"cvc", "jwt", "bearer", "salt", "signature", "seed", "mnemonic"}
)
"""Words of a member's name that mark what it holds as secret."""
_SECRET_KEY = frozenset(
    {"api", "access", "private", "secret", "signing", "encryption", "session", "auth", "ssh", "master"}
)
"""Words that do so before "key"."""
_SHAPES = re.compile(
    r"-----BEGIN |\bey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]|\b(?:sk|pk|rk)[-_](?:live|test|ant|proj)?[-_]?[A-Za-z0-9]{16}"
    r"|\bgh[pousr]_[A-Za-z0-9]{16}|\bgithub_pat_|\bglpat-|\bxox[abeprs]-|\bA[KS]IA[0-9A-Z]{16}|\bAIza[A-Za-z0-9_-]{30}"
    r"|\bv[24]\.(?:public|local)\.|://[^/\s:@]*:[^/\s@]+@"
)
"""What keys and tokens of well-known makers look like, and an address with a password."""
_DOT = re.compile(r"(?<=\S)[.\u3002\uff0e\uff61\u2024\ufe52](?=[^\s.,;:!?'\")\]])")
"""A dot within a word, also as browsers read one: ideographic, of full and half width, leader, small."""
_COLON = re.compile(r"[:\uff1a](?=[/\\\uff0f\uff3c\u2044\u2215])|(?<=[A-Za-z])[:\uff1a](?=[\w+])")
"""The colon of an address: before slashes, of which browsers take one or turned ones too, and as in `mailto:bo`."""
_SINGLE = r"'\u2018-\u201b\u2032\u2035\u2039\u203a\u02b9\u02bc\uff07\u0060\u00b4"
_DOUBLE = (
    r'"\u201c-\u201f\u00ab\u00bb\uff02\u2033\u2034\u2036\u02ba\u02dd\u02ee'
    r"\u275d\u275e\u2760\u301d-\u301f\U0001f676-\U0001f678"
)
_QUOTE = re.compile(f"[{_DOUBLE}][{_SINGLE}{_DOUBLE}]*|[{_SINGLE}][{_SINGLE}{_DOUBLE}]+")
"""What reads as a double quotation mark: one, or several single ones."""
_NAME = re.compile(rf"{WITHHELD}|[\w-]+(?: › [\w-]+)*")
"""Names that are shown without quotes: no words of a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: both in characters that hide nothing."""

    label: str
    value: str
    is_text: bool
    """Whether it is the asker's text, to be quoted."""

    def text(self) -> str:
        """As people read it: one row, whatever is in it, with no word that a reader of mail makes a link of."""
        label = self.label if _NAME.fullmatch(self.label) else _quoted(self.label)
        return f"{label}: {_quoted(unlinked(self.value)) if self.is_text else self.value}"


@dataclass(frozen=True, slots=True)
class Summary:
    """What may be said of an action where its organisation lets it be said."""

    action_type: str
    """At most `LONGEST_LABEL` characters."""
    lines: tuple[Line, ...]
    more: int
    """How many rows are left out."""

    @property
    def kind(self) -> str:
        """The kind of action as people read it."""
        return " › ".join(part for part in self.action_type.split(".") if part)

    def shorter(self) -> Summary | None:
        """With one row less; None where there is none."""
        return Summary(self.action_type, self.lines[:-1], self.more + 1) if self.lines else None


def summary_of(fields: Sequence[Mapping[str, str]]) -> Summary:
    """What is said of an action with these fields of its presentation."""
    kind = next((field["value"] for field in fields if field["path"] == _TYPE), "")
    # The length of an array is seen by its items.
    rows = [field for field in fields if field["path"].startswith(_PAYLOAD) and field["type"] != "array"]
    lines = tuple(_line(field) for field in rows[:MOST_ROWS])
    return Summary(_cut(kind, LONGEST_LABEL), lines, len(rows) - len(lines))


def members(summary: Summary) -> dict[str, Any]:
    """The same for a program."""
    return {
        "action_type": summary.action_type,
        "fields": [{"label": line.label, "value": line.value} for line in summary.lines],
        "left_out": summary.more,
    }


def unlinked(text: str) -> str:
    """The text with every dot within a word, and the colon of an address, in brackets: readers of mail and chats make
    links of words that look like addresses, and a link in a message of the hub is believed."""
    return _DOT.sub("[.]", _COLON.sub("[:]", text))


def looks_secret(path: str, value: str) -> bool:
    """Whether the member's name, or one above it, or the shape of its value says that it is no business of others."""
    return _SHAPES.search(value) is not None or any(_marks(name) for name in path.split("/"))


def _line(field: Mapping[str, str]) -> Line:
    label = " › ".join(_names(field["path"].removeprefix(_PAYLOAD)))
    secret = looks_secret(field["path"], field["value"])
    # A name may be a secret too, where somebody keeps tokens by their value.
    label = WITHHELD if _SHAPES.search(label) else unlinked(_cut(label, LONGEST_LABEL))
    value = WITHHELD if secret else _cut(field["value"], LONGEST_VALUE)
    return Line(label, value, is_text=not secret and field["type"] not in _BARE)


def _quoted(text: str) -> str:
    # With its own marks in it, “Anna”. Amount: “1 kr” reads as two rows.
    return "“" + _QUOTE.sub("'", text) + "”"


def _names(path: str) -> Iterator[str]:
    for part in path.split("/"):
        yield part.replace("~1", "/").replace("~0", "~")


def _marks(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _SECRET.isdisjoint(words) or any(
        first in _SECRET_KEY and next_ == "key" for first, next_ in pairwise(words)
    )


def _cut(text: str, longest: int) -> str:
    """At most so many characters as they are shown, and no token of a hidden one cut through."""
    shown = visible(text[: longest + 1]).text
    if len(shown) <= longest:
        return shown
    cut = shown[: longest - 1]
    begun = cut.rfind("⟦")
    return (cut[:begun] if begun > cut.rfind("⟧") else cut) + "…"
