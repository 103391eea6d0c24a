"""Expressions in CEL (Common Expression Language), with the extra `cel`; without it, a policy that has one is refused.

What could take long, tell a time or call back is no part of them: no macros (`map`, `all` …), no regular expressions,
no functions but a few, and bounds on their length, depth and joins. So they end by their form, in time that grows with
the action alone; a clock would decide differently on a busy machine.

What is not true or false (a missing member, another type, an overflow, an answer of another kind) cannot be judged,
and a rule that denies takes it for true (docs/decisions/0049-cel-is-an-extra-and-has-no-loops.md).
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, Final

LONGEST: Final = 1_000
"""Characters."""
TOKENS_LIMIT: Final = 256
DEPTH_LIMIT: Final = 16
"""Brackets within each other."""
JOINS_LIMIT: Final = 8
"""Of `+`: a text joined to itself a hundred times is long, and takes seconds."""
FUNCTIONS: Final = frozenset({"has", "size", "int", "double", "string"})
METHODS: Final = frozenset({"contains", "startsWith", "endsWith", "size"})

_WORDS: Final = frozenset({"action", "true", "false", "null", "in"})
_CLAIMED: Final = "assurance_level"
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")"""
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?u?(?![A-Za-z0-9_]))"
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_]*)(?!["'])"""
    r"|(?P<mark>&&|\|\||[=!<>]=|[<>!+*%?:.,()\[\]-]|/(?!/))"
)
_SPACE = re.compile(r"[ \t\r\n]*")


class Expression:
    """One expression, ready to be judged."""

    __slots__ = ("_program", "text")

    def __init__(self, text: str) -> None:
        """Raises ValueError, with what is wrong, for what is no expression, could take long, or needs the extra."""
        check(text)
        self.text = text
        try:
            self._program: Any = _library().compile(text)
        except ValueError as error:
            raise ValueError(" ".join(str(error).partition("\n")[0].split())[:300]) from None

    def holds(self, names: Any) -> bool | None:
        """Whether it is true of what `context` made; None where it cannot be judged, and of None."""
        if names is None:
            return None
        try:
            found = self._program.execute(names)
        except Exception:
            return None
        except BaseException as error:
            # What a panic in the library becomes is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            return None
        return found if type(found) is bool else None


def context(action: dict[str, Any]) -> Any:
    """What expressions see: `action` alone. Made once for all expressions of a decision."""
    return _library().Context({"action": action})


def check(text: str) -> None:
    """Raises ValueError, with what is wrong, for what is not of the form that is allowed."""
    if len(text) > LONGEST:
        raise ValueError(f"an expression has at most {LONGEST} characters")
    tokens = _tokens(text)
    if len(tokens) > TOKENS_LIMIT:
        raise ValueError(f"an expression has at most {TOKENS_LIMIT} words and signs")
    if sum(each == ("mark", "+") for each in tokens) > JOINS_LIMIT:
        raise ValueError(f"an expression has at most {JOINS_LIMIT} '+'")
    depth = 0
    for place, (kind, word) in enumerate(tokens):
        depth += (word in "([") - (word in ")]") if kind == "mark" else 0
        if depth > DEPTH_LIMIT:
            raise ValueError(f"brackets lie within each other {DEPTH_LIMIT} deep at most")
        if _CLAIMED in word:
            raise ValueError(f"{_CLAIMED!r} is what an agent says of itself, and counts for nothing")
        if kind == "word":
            _check_word(word, tokens[place - 1] if place else None, tokens[place + 1 : place + 2])


def _check_word(word: str, before: tuple[str, str] | None, after: list[tuple[str, str]]) -> None:
    member = before == ("mark", ".")
    if after == [("mark", "(")] and word != "in":
        known = METHODS if member else FUNCTIONS
        if word not in known:
            raise ValueError(f"there is no function {word!r} here: {', '.join(sorted(FUNCTIONS | METHODS))}")
    elif not member and word not in _WORDS:
        raise ValueError(f"{word!r} is not known here: an expression is about 'action' alone")


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise ValueError(f"{text[at : at + 20]!r} is no part of an expression here")
        found.append((token.lastgroup, token[0]))
        at = _SPACE.match(text, token.end()).end()  # type: ignore[union-attr]  # as above
    if not found:
        raise ValueError("an expression is not empty")
    return found


def _library() -> Any:
    # Half a second, which only policies with expressions need.
    try:
        return import_module("cel")
    except ImportError:
        raise ValueError("expressions need the extra 'cel' (approvals-hub[cel]), which is not installed here") from None
