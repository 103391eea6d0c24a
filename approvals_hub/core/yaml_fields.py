"""Typed fields of a strict YAML tree: each refusal names line, column and what would be right.

A value is taken for what its field says and for nothing else. A text that a reader of YAML 1.1 would take for a
boolean, a number, a date or nothing at all must stand in quotes: the file then reads the same everywhere.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import NoReturn

from approvals_hub.core.strict_yaml import KEY_LIMIT, Listed, Mapped, Node, Place, Scalar, refuse

SHOWN = 20
"""Known words that a refusal lists."""

# yaml.org/type (YAML 1.1): bool, null, int with octal, hexadecimal, binary and base 60, float, timestamp, merge, value.
_SURPRISES = (
    (
        "a boolean",
        re.compile(r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
    ),
    ("nothing", re.compile(r"~|null|Null|NULL|")),
    ("a date", re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?")),
    ("a number in base 60", re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?")),
    ("a number", re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|\d[\d_]*)")),
    ("a number", re.compile(r"[-+]?(\.?\d[\d_.]*([eE][-+]?\d+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)")),
    ("something else", re.compile(r"<<|=")),
)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_DURATION = re.compile(r"(0|[1-9][0-9]{0,6})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Fields:
    """The fields of one mapping. Keys that are not in `allowed` are refused as soon as it is made."""

    def __init__(self, node: Node, allowed: tuple[str, ...], *, code: str) -> None:
        """Raises Invalid unless `node` is a mapping with none but allowed keys."""
        self._code = code
        if not isinstance(node, Mapped):
            refuse(code, node.place, f"here is a mapping expected, with keys like {allowed[0]!r}")
        self._node = node
        for key, place in node.keys.items():
            if key not in allowed:
                refuse(code, place, f"unknown key {key!r}; {nearest(key, allowed)}")

    @property
    def place(self) -> Place:
        """Where the mapping begins."""
        return self._node.place

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._node.values

    def node(self, key: str) -> Node:
        """The value as a tree. Raises Invalid where the key is missing."""
        if key not in self._node.values:
            refuse(self._code, self.place, f"the key {key!r} is missing here")
        return self._node.values[key]

    def text(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        """A text that `pattern` matches as a whole; `what` says in words what it is. Raises Invalid."""
        return text_of(self.node(key), pattern, what, code=self._code)

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of these words. Raises Invalid, with the nearest one."""
        if default is not None and not self.has(key):
            return default
        return choice_of(self.node(key), choices, code=self._code)

    def whole(self, key: str, lowest: int, highest: int) -> int:
        """A whole number, decimal and plain, within the range. Raises Invalid."""
        node = self.node(key)
        plain = isinstance(node, Scalar) and not node.quoted and _WHOLE.fullmatch(node.text)
        if not isinstance(node, Scalar) or not plain or not lowest <= int(node.text) <= highest:
            refuse(self._code, node.place, f"{key!r} is a whole number from {lowest} to {highest}, without quotes")
        return int(node.text)

    def duration(self, key: str, lowest: int, highest: int, default: int | None = None) -> int:
        """Seconds, written as a whole number and one unit: `90s`, `5m`, `2h`, `1d`. Raises Invalid."""
        if default is not None and not self.has(key):
            return default
        node = self.node(key)
        written = seconds_of(node.text) if isinstance(node, Scalar) else None
        seconds = -1 if written is None else written
        if not lowest <= seconds <= highest:
            problem = (
                f"{key!r} is a duration from {duration_text(lowest)} to {duration_text(highest)}, written as one "
                "whole number and one unit (s, m, h or d), like 90s or 5m"
            )
            refuse(self._code, node.place, problem)
        return seconds

    def items(self, key: str, most: int) -> tuple[Node, ...]:
        """The items of a list that has one to `most`; none where the key is not written. Raises Invalid."""
        if not self.has(key):
            return ()
        node = self.node(key)
        if not isinstance(node, Listed) or not 1 <= len(node.items) <= most:
            refuse(self._code, node.place, f"{key!r} is a list of 1 to {most} items")
        return node.items

    def texts(self, key: str, most: int, pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
        """Different texts, as `text` reads each. Raises Invalid, also where one is written twice."""
        found: dict[str, Place] = {}
        for node in self.items(key, most):
            text = text_of(node, pattern, what, code=self._code)
            if text in found:
                refuse(self._code, node.place, f"{text!r} is written twice, first on line {found[text].line}")
            found[text] = node.place
        return tuple(found)

    def fields(self, key: str, allowed: tuple[str, ...]) -> Fields:
        """The fields of a mapping in this one. Raises Invalid."""
        return Fields(self.node(key), allowed, code=self._code)

    def each(self, key: str, most: int, allowed: tuple[str, ...]) -> Iterator[Fields]:
        """The fields of each mapping in a list. Raises Invalid."""
        return (Fields(node, allowed, code=self._code) for node in self.items(key, most))

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raises Invalid at the value of `key`, or at the mapping where it is not written."""
        node = self._node.values.get(key, self._node)
        refuse(self._code, node.place, problem)


def text_of(node: Node, pattern: re.Pattern[str], what: str, *, code: str) -> str:
    """A text, quoted where YAML 1.1 would take it for something else. Raises Invalid."""
    if not isinstance(node, Scalar):
        refuse(code, node.place, f"here is {what} expected")
    if not node.quoted and (other := surprise(node.text)):
        if not node.text:
            refuse(code, node.place, f"here is {what} expected, and nothing is written")
        shown = node.text[:KEY_LIMIT]
        refuse(code, node.place, f"some readers of YAML take {shown} for {other}: write it in quotes")
    if not pattern.fullmatch(node.text):
        refuse(code, node.place, f"{node.text[:KEY_LIMIT]!r} is not {what}")
    return node.text


def choice_of(node: Node, choices: tuple[str, ...], *, code: str) -> str:
    """One of these words. Raises Invalid, with the nearest one."""
    if not isinstance(node, Scalar) or node.text not in choices:
        written = node.text if isinstance(node, Scalar) else ""
        shown = f"{written[:KEY_LIMIT]!r} is not known here; " if written else ""
        refuse(code, node.place, shown + nearest(written, choices))
    return node.text


def seconds_of(text: str) -> int | None:
    """How long, written as a whole number and one unit: `90s`, `5m`, `2h`, `1d`; None where it is not."""
    found = _DURATION.fullmatch(text)
    return None if found is None else int(found[1]) * _UNITS[found[2]]


def duration_text(seconds: int) -> str:
    """A duration as it is written, in the largest unit that divides it: `90s`, `5m`."""
    for unit in "dhm":
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def surprise(text: str) -> str | None:
    """What readers of YAML 1.1 would take a plain scalar for, in words; None where it is a text to all of them."""
    return next((what for what, pattern in _SURPRISES if pattern.fullmatch(text)), None)


def nearest(word: str, known: tuple[str, ...]) -> str:
    """What may have been meant by an unknown word, or what is known, as the end of a sentence."""
    near = difflib.get_close_matches(word[:KEY_LIMIT], known, n=1, cutoff=0.5)
    if near or not known:
        return f"did you mean {near[0]!r}?" if near else "nothing is known here yet"
    further = len(known) - SHOWN
    return "known are " + ", ".join(known[:SHOWN]) + (f" and {further} more" if further > 0 else "")
